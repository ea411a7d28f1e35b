using System.CommandLine;
using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Items that failed too often: seeing them, giving them another chance, and getting rid of them.</summary>
internal static class DeadCommand
{
    private const int ShownMax = 1000;

    public static Command Create() => new("dead", "Deals with items that failed too often.")
    {
        List(),
        Show(),
        Redrive(),
        Remove(),
    };

    private static ToolCommand List()
    {
        var queue = Parameters.Queue();
        return new ToolCommand(
            "ls",
            "Lists the dead items of a queue, the oldest first.",
            "queueipc dead ls jobs",
            invocation => Run(invocation, invocation.Get(queue), sequence: null, PrintList),
            queue);
    }

    private static ToolCommand Show()
    {
        var queue = Parameters.Queue();
        var sequence = Parameters.Sequence("seq", "Only the item of that number, as 'dead ls' has it.");
        return new ToolCommand(
            "show",
            "Shows dead items in full, the oldest first.",
            "queueipc dead show jobs 17",
            invocation => Run(invocation, invocation.Get(queue), invocation.Get(sequence), PrintFull),
            queue,
            sequence);
    }

    private static ToolCommand Redrive()
    {
        var queue = Parameters.Queue();
        return new ToolCommand(
            "redrive",
            "Makes all dead items ready again, each at its own place, with no failures on its account.",
            "queueipc dead redrive jobs",
            invocation =>
            {
                using var client = invocation.Connect();
                using var it = Invocation.OpenExisting(client, invocation.Get(queue));
                QueueCommands.Say(invocation, it.Name, it.Redrive(), "ready again");
                return ExitCode.Done;
            },
            queue);
    }

    private static ToolCommand Remove() => QueueCommands.Create(
        "rm",
        "Removes all dead items.",
        "queueipc dead rm jobs --yes",
        info => info.Dead == 0 ? null : $"remove {Words.Count(info.Dead, "dead item")} from '{info.Name}'",
        (client, name) =>
        {
            using var queue = Invocation.OpenExisting(client, name);
            return queue.DeleteDeadItems();
        },
        "removed");

    private static int Run(Invocation invocation, string name, long? sequence, Action<IReadOnlyList<DeadItem>> print)
    {
        using var client = invocation.Connect();
        using var queue = Invocation.OpenExisting(client, name);
        var items = queue.GetDeadItems(ShownMax);
        if (sequence is not null)
        {
            items = [.. items.Where(item => item.Sequence == sequence)];
            if (items.Count == 0)
            {
                throw new ToolException($"'{name}' has no dead item {sequence}.");
            }
        }

        if (invocation.Json)
        {
            PrintJson(items);
            return ExitCode.Done;
        }

        print(items);
        if (sequence is null && queue.GetInfo().Dead is var all && all > items.Count)
        {
            Console.Error.WriteLine($"These are the oldest {items.Count} of {all}.");
        }

        return ExitCode.Done;
    }

    private static void PrintList(IReadOnlyList<DeadItem> items)
    {
        var table = new TextTable("SEQ", "FAILURES", "AGE", "REASON") { WordTitles = ["REASON"] };
        foreach (var item in items)
        {
            table.Add(Words.Number(item.Sequence), Words.Number(item.Failures), Words.Age(item.Age), item.Reason);
        }

        table.Print(Console.Out);
    }

    private static void PrintFull(IReadOnlyList<DeadItem> items)
    {
        foreach (var item in items)
        {
            Console.Out.WriteLine($"{item.Sequence}: {Words.Count(item.Failures, "failure")}, dead for {Words.Age(item.Age)}: {Escapes.In(item.Reason)}");
            Console.Out.WriteLine($"    {ItemText.Of(item.Bytes.ToArray())}");
        }
    }

    private static void PrintJson(IReadOnlyList<DeadItem> items) => Json.PrintArray(items, (json, item) =>
    {
        json.WriteNumber("sequence", item.Sequence);
        json.WriteNumber("failures", item.Failures);
        json.WriteNumber("age", Json.Seconds(item.Age));
        json.WriteString("reason", item.Reason);
        ItemLine.WriteItem(json, item.Bytes.ToArray());
    });
}
