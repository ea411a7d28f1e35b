using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>All queues of the broker, in numbers.</summary>
internal static class LsCommand
{
    public static ToolCommand Create() => new(
        "ls",
        "Lists the broker's queues.",
        "queueipc ls --broker orders",
        Run);

    private static int Run(Invocation invocation)
    {
        using var client = invocation.Connect();
        var queues = client.GetQueues().OrderBy(queue => queue.Name, StringComparer.Ordinal).ToArray();
        if (invocation.Json)
        {
            Json.PrintArray(queues, Json.WriteQueue);
            return ExitCode.Done;
        }

        // Where all are kept in memory, nothing needs to say so.
        string[] kept = queues.Any(queue => queue.IsDurable) ? ["KEPT"] : [];
        var table = new TextTable(["QUEUE", "READY", "LEASED", "DELAYED", "DEAD", "GETS", "PUTS", "OLDEST", "BYTES", "STATE", .. kept]) { WordTitles = ["QUEUE", "STATE", "KEPT"] };
        foreach (var queue in queues)
        {
            table.Add([
                queue.Name,
                Words.Number(queue.Ready),
                Words.Number(queue.Leased),
                Words.Number(queue.Delayed),
                Words.Number(queue.Dead),
                Words.Number(queue.WaitingGets),
                Words.Number(queue.WaitingPuts),
                queue.Ready > 0 ? Words.Age(queue.OldestAge) : "-",
                Words.Bytes(queue.Bytes),
                StateOf(queue),
                .. kept.Select(_ => KeptIn(queue)),
            ]);
        }

        table.Print(Console.Out);
        return ExitCode.Done;
    }

    /// <summary>Where its items live.</summary>
    public static string KeptIn(QueueInfo queue) => queue.IsDurable ? "disk" : "memory";

    public static string StateOf(QueueInfo queue) =>
        queue.IsCompleted ? "completed" : queue.IsDraining ? "draining" : queue.Capacity > 0 && queue.Ready + queue.Delayed >= queue.Capacity ? "full" : "open";
}
