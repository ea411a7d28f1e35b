using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Who is connected, who holds what, and who waits for what.</summary>
internal static class ConnsCommand
{
    public static ToolCommand Create() => new(
        "conns",
        "Lists the broker's clients, what they hold and wait for.",
        "queueipc conns",
        Run)
    {
        Details = "This command's own connection is left out. A reader that reads ahead waits for a get while it has room.",
    };

    private static int Run(Invocation invocation)
    {
        using var client = invocation.Connect();
        var connections = client.GetConnections()
            .Where(connection => connection.ProcessId != Environment.ProcessId)
            .OrderBy(connection => connection.ProcessId).ThenByDescending(connection => connection.Age).ToArray();
        if (invocation.Json)
        {
            PrintJson(connections);
            return ExitCode.Done;
        }

        var table = new TextTable("PID", "PROGRAM", "USER", "SINCE", "QUEUE", "HOLDS", "WAITS FOR") { WordTitles = ["PROGRAM", "USER", "QUEUE", "WAITS FOR"] };
        foreach (var connection in connections)
        {
            var queues = connection.Queues.Count > 0 ? connection.Queues : [new ConnectionQueueInfo(string.Empty, 0, 0, 0, 0)];
            foreach (var queue in queues.OrderBy(queue => queue.Name, StringComparer.Ordinal))
            {
                table.Add(
                    Words.Number(connection.ProcessId),
                    connection.Program,
                    connection.User,
                    Words.Age(connection.Age),
                    queue.Name,
                    Words.Number(queue.Held),
                    WaitsFor(queue));
            }
        }

        table.Print(Console.Out);
        return ExitCode.Done;
    }

    private static string WaitsFor(ConnectionQueueInfo queue)
    {
        (int Count, string Noun)[] waits = [(queue.WaitingGets, "get"), (queue.WaitingPuts, "put"), (queue.WaitingJoins, "join")];
        return string.Join(", ", waits.Where(wait => wait.Count > 0).Select(wait => Words.Count(wait.Count, wait.Noun)));
    }

    private static void PrintJson(IEnumerable<ConnectionInfo> connections) => Json.PrintArray(connections, (json, connection) =>
    {
        json.WriteNumber("processId", connection.ProcessId);
        json.WriteString("program", connection.Program);
        json.WriteString("user", connection.User);
        json.WriteNumber("age", Json.Seconds(connection.Age));
        json.WriteNumber("openQueues", connection.OpenQueues);
        json.WritePropertyName("queues");
        Json.WriteArray(json, connection.Queues, (it, queue) =>
        {
            it.WriteString("name", queue.Name);
            it.WriteNumber("held", queue.Held);
            it.WriteNumber("waitingGets", queue.WaitingGets);
            it.WriteNumber("waitingPuts", queue.WaitingPuts);
            it.WriteNumber("waitingJoins", queue.WaitingJoins);
        });
    });
}
