using System.CommandLine;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>What is done to a whole queue and cannot be undone.</summary>
internal static class QueueCommands
{
    public static ToolCommand Clear() => Create(
        "clear",
        "Removes all items that are ready. What is leased, delayed or dead stays.",
        "queueipc clear jobs --yes",
        info => info.Ready == 0 ? null : $"remove {Words.Count(info.Ready, "item")} from '{info.Name}'",
        (client, name) =>
        {
            using var queue = Invocation.OpenExisting(client, name);
            return queue.Clear();
        },
        "removed");

    public static ToolCommand Complete() => Create(
        "complete",
        "Says that nothing more comes: puts fail from now on, and gets end when the queue is empty.",
        "queueipc complete jobs --yes",
        info => $"complete '{info.Name}': it takes no items any more, for ever",
        (client, name) =>
        {
            using var queue = Invocation.OpenExisting(client, name);
            queue.Complete();
            return queue.Count;
        },
        "left to be taken");

    public static ToolCommand Remove() => Create(
        "rm",
        "Deletes a queue with all that is in it. Whoever waits on it is told.",
        "queueipc rm jobs --yes",
        info => $"delete '{info.Name}' with {Words.Count(info.Ready + info.Leased + info.Delayed + info.Dead, "item")}",
        (client, name) =>
        {
            // What went with it is counted where it is deleted; only an older broker does not say it.
            var before = Invocation.Find(client, name);
            client.DeleteQueue(name, out var items);
            return items >= 0 ? (int)items : before.Ready + before.Leased + before.Delayed + before.Dead;
        },
        "deleted");

    /// <summary>A command that <paramref name="act"/>s if it was agreed to <paramref name="what"/> it does; null is nothing, which needs nobody's consent.</summary>
    public static ToolCommand Create(
        string name, string description, string example, Func<QueueInfo, string?> what, Func<QueueClient, string, int> act, string done)
    {
        var queue = Parameters.Queue();
        var yes = Confirmation.Yes();
        return new ToolCommand(name, description, example, invocation => Run(invocation, invocation.Get(queue), invocation.Get(yes), what, act, done), queue, yes);
    }

    private static int Run(
        Invocation invocation, string name, bool agreed, Func<QueueInfo, string?> what, Func<QueueClient, string, int> act, string done)
    {
        using var client = invocation.Connect();
        var count = 0;
        if (what(Invocation.Find(client, name)) is { } harm)
        {
            Confirmation.Require(agreed, Escapes.In(harm));
            count = act(client, name);
        }

        Say(invocation, name, count, done);
        return ExitCode.Done;
    }

    public static void Say(Invocation invocation, string queue, int count, string done)
    {
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteString("queue", queue);
                json.WriteNumber("items", count);
            });
        }
        else
        {
            Console.Out.WriteLine($"{Escapes.In(queue)}: {Words.Count(count, "item")} {done}");
        }
    }
}
