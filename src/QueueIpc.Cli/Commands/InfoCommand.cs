using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>One queue, in numbers.</summary>
internal static class InfoCommand
{
    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        return new ToolCommand(
            "info",
            "Shows one queue in numbers.",
            "queueipc info jobs",
            invocation => Run(invocation, invocation.Get(queue)),
            queue);
    }

    private static int Run(Invocation invocation, string name)
    {
        using var client = invocation.Connect();
        var queue = Invocation.Find(client, name);
        if (invocation.Json)
        {
            Json.PrintObject(json => Json.WriteQueue(json, queue));
            return ExitCode.Done;
        }

        Line("queue", $"{Escapes.In(queue.Name)} ({LsCommand.StateOf(queue)})");
        Line("kept", queue.IsDurable ? "on disk" : "in memory");
        Line("capacity", queue.Capacity == 0 ? "unlimited" : Words.Number(queue.Capacity));
        Line("ready", queue.Ready == 0 ? "0" : $"{queue.Ready}, the oldest for {Words.Age(queue.OldestAge)}");
        Line("leased", Words.Number(queue.Leased));
        Line("delayed", Words.Number(queue.Delayed));
        Line("dead", Words.Number(queue.Dead));
        Line("bytes", Words.Number(queue.Bytes));
        Line("waiting", $"{Words.Count(queue.WaitingGets, "get")}, {Words.Count(queue.WaitingPuts, "put")}");
        Line("ever", $"{queue.TotalPut} put, {queue.TotalTaken} taken");
        return ExitCode.Done;
    }

    private static void Line(string name, string value) => Console.Out.WriteLine($"{name,-9} {value}");
}
