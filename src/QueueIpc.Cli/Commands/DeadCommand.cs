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
        var (queue, items) = (Parameters.Queue(), Parameters.Sequences("--item", "Only the dead item of that number, as 'dead ls' has it; can be said several times."));
        return new ToolCommand(
            "redrive",
            "Makes dead items ready again, each at its own place, with no failures on its account.",
            "queueipc dead redrive jobs --item 17",
            invocation =>
            {
                using var client = invocation.Connect();
                using var it = Invocation.OpenExisting(client, invocation.Get(queue));
                var some = invocation.Get(items);
                QueueCommands.Say(invocation, it.Name, some.Length > 0 ? AllOf(some, it.Redrive(some), it.Name) : it.Redrive(), "ready again");
                return ExitCode.Done;
            },
            queue,
            items);
    }

    private static ToolCommand Remove()
    {
        var (queue, items, yes) = (Parameters.Queue(), Parameters.Sequences("--item", "Only the dead item of that number, as 'dead ls' has it; can be said several times."), Confirmation.Yes());
        return new ToolCommand(
            "rm",
            "Removes dead items.",
            "queueipc dead rm jobs --yes",
            invocation =>
            {
                using var client = invocation.Connect();
                using var it = Invocation.OpenExisting(client, invocation.Get(queue));
                var some = invocation.Get(items);
                var count = some.Length > 0 ? some.Length : it.GetInfo().Dead;
                if (count > 0)
                {
                    Confirmation.Require(invocation.Get(yes), Escapes.In($"remove {Words.Count(count, "dead item")} from '{it.Name}'"));
                    count = some.Length > 0 ? AllOf(some, it.DeleteDead(some), it.Name) : it.DeleteDeadItems();
                }

                QueueCommands.Say(invocation, it.Name, count, "removed");
                return ExitCode.Done;
            },
            queue,
            items,
            yes);
    }

    /// <summary>Whoever names items wants to know that one of them is not there.</summary>
    private static int AllOf(long[] asked, int done, string queue) => done == asked.Distinct().Count()
        ? done
        : throw new ToolException($"'{queue}' had {done} of these {asked.Distinct().Count()} dead items; that is done. 'queueipc dead ls' has all there are.");

    private static int Run(Invocation invocation, string name, long? sequence, Action<IReadOnlyList<DeadItem>> print)
    {
        using var client = invocation.Connect();
        using var queue = Invocation.OpenExisting(client, name);
        var items = queue.GetDeadItems(ShownMax, out var all);
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
        if (sequence is null && all > items.Count)
        {
            Console.Error.WriteLine($"These are the oldest {items.Count} of {all}.");
        }
        else if (sequence is null && all < 0 && items.Count > 0)
        {
            Console.Error.WriteLine($"These are the oldest {items.Count}. This broker is an older one, and does not say how many there are.");
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
        json.WriteString("diedAt", item.DiedAt);
        json.WriteString("reason", item.Reason);
        ItemLine.WriteItem(json, item.Bytes.ToArray());
    });
}
