using System.CommandLine;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>A broker in the foreground. Asked to stop, it lets the queues run empty first.</summary>
internal static class ServeCommand
{
    private const double DrainSeconds = 5;

    public static ToolCommand Create()
    {
        var name = new Option<string?>("--name", "-n") { Description = $"The broker's name, by which clients find it. Without it: '{BrokerChoice.DefaultName}'." };
        var data = new Option<string?>("--data") { Description = "A directory in which named queues live: they are there again when the broker starts again." };
        var drain = Parameters.Seconds("--drain", $"How long to let the queues run empty when it is asked to stop. Without it: {DrainSeconds}.", min: 0);
        var maxMemory = Parameters.Count("--max-memory", "How many bytes all items together may take. Without it: a quarter of the memory.", min: 1);
        var maxItem = Parameters.Count("--max-item", "The largest item, in bytes. Without it: 16777216.", min: 1, max: int.MaxValue);
        var maxConnections = Parameters.Count("--max-connections", "How many clients may be connected at once. Without it: 4096.", min: 1, max: int.MaxValue);
        var maxQueues = Parameters.Count("--max-queues", "How many queues there may be. Without it: 100000.", min: 1, max: int.MaxValue);
        var command = new ToolCommand(
            "serve",
            "Runs a broker until Ctrl+C or SIGTERM.",
            "queueipc serve --name orders",
            invocation => RunAsync(
                invocation,
                WithLimits(invocation, new QueueBrokerOptions { Name = invocation.Get(name) ?? invocation.BrokerSaid ?? BrokerChoice.DefaultName, LoggerFactory = new WarningLog() }),
                invocation.Get(data),
                TimeSpan.FromSeconds(invocation.Get(drain) ?? DrainSeconds)),
            name,
            data,
            drain,
            maxMemory,
            maxItem,
            maxConnections,
            maxQueues)
        {
            Details = """
                Asked to stop, it drains: queues take no more items, consumers take what is left,
                and it ends when nothing is left, or when --drain is over. A second Ctrl+C ends it
                at once. What nobody took is lost, and it says so. With --data nothing is drained,
                and nothing is lost: the queues are on the disk, and go on at the next start.
                """,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is { } one && result.GetValue(CommandLine.Broker) is { } other && one != other)
            {
                result.AddError($"--name and --broker say the same here, and not one '{one}' and the other '{other}'.");
            }
        });
        return command;

        QueueBrokerOptions WithLimits(Invocation invocation, QueueBrokerOptions options)
        {
            options.MaxMemoryBytes = invocation.Get(maxMemory) ?? options.MaxMemoryBytes;
            options.MaxItemBytes = (int?)invocation.Get(maxItem) ?? options.MaxItemBytes;
            options.MaxConnections = (int?)invocation.Get(maxConnections) ?? options.MaxConnections;
            options.MaxQueues = (int?)invocation.Get(maxQueues) ?? options.MaxQueues;
            return options;
        }
    }

    private static async Task<int> RunAsync(Invocation invocation, QueueBrokerOptions options, string? data, TimeSpan drainTime)
    {
        var (stop, again) = (invocation.Stop.Token, invocation.Stop.AgainToken);
        options.Storage = data is null ? null : new SqliteStorage(data);
        using var broker = QueueBroker.Start(options);
        SayListening(invocation, broker);
        await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, stop), broker.Completion);
        if (broker.Completion.IsFaulted)
        {
            await broker.Completion;
        }

        if (data is not null)
        {
            SayKept(invocation, Kept(broker));
            return ExitCode.Done;
        }

        using var client = BrokerChoice.Connect(broker.Endpoint, ct: again);
        if (Left(client) is var left and > 0 && !invocation.Json)
        {
            Console.Error.WriteLine($"queueipc: waiting until {Words.Count(left, "item")} {(left == 1 ? "is" : "are")} taken, {Words.Seconds(drainTime.TotalSeconds)} at most; Ctrl+C ends it at once");
        }

        await DrainAsync(client, drainTime, again);
        SayEnded(invocation, Left(client));
        return ExitCode.Done;
    }

    private static int Kept(QueueBroker broker)
    {
        using var client = BrokerChoice.Connect(broker.Endpoint);
        return client.GetQueues().Where(queue => queue.IsDurable).Sum(queue => queue.Ready + queue.Leased + queue.Delayed);
    }

    private static int Left(QueueClient client) => client.GetQueues().Sum(queue => queue.Ready + queue.Leased + queue.Delayed);

    /// <summary>Completes all queues and waits until they are empty, or it takes too long.</summary>
    private static async Task DrainAsync(QueueClient client, TimeSpan time, CancellationToken again)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(again);
        limit.CancelAfter(time);
        try
        {
            // Somebody may have made another one meanwhile.
            while (client.GetQueues().Where(queue => !queue.IsCompleted).ToArray() is { Length: > 0 } open)
            {
                await Task.WhenAll(open.Select(queue => FinishAsync(client, queue.Name, limit.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            // Long enough.
        }
    }

    private static async Task FinishAsync(QueueClient client, string name, CancellationToken limit)
    {
        try
        {
            using var queue = client.OpenQueue<byte[]?>(name);
            queue.Complete();
            await queue.JoinAsync(limit);
        }
        catch (QueueCompletedException)
        {
            // Deleted meanwhile: that is empty as well.
        }
    }

    private static void SayListening(Invocation invocation, QueueBroker broker)
    {
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteString("endpoint", broker.Endpoint);
                json.WriteNumber("processId", broker.ProcessId);
            });
        }
        else
        {
            Console.Out.WriteLine($"listening at {broker.Endpoint} (process {broker.ProcessId})");
        }
    }

    private static void SayKept(Invocation invocation, int kept)
    {
        if (invocation.Json)
        {
            Json.PrintObject(json => json.WriteNumber("kept", kept));
        }
        else
        {
            Console.Out.WriteLine($"ended; {Words.Count(kept, "item")} {(kept == 1 ? "is" : "are")} kept for the next start");
        }
    }

    private static void SayEnded(Invocation invocation, int lost)
    {
        if (invocation.Json)
        {
            Json.PrintObject(json => json.WriteNumber("lost", lost));
        }
        else
        {
            Console.Out.WriteLine(lost == 0 ? "ended; nothing was left" : $"ended; {Words.Count(lost, "item")} that nobody took in time {(lost == 1 ? "is" : "are")} lost");
        }
    }
}
