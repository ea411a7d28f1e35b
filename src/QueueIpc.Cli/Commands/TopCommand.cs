using System.Diagnostics;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;
using Spectre.Console;

namespace QueueIpc.Cli.Commands;

/// <summary>The queues as they change: a table that renews itself on a terminal, one snapshot elsewhere.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan SilenceShown = TimeSpan.FromSeconds(1);

    public static ToolCommand Create()
    {
        var interval = Parameters.Seconds("--interval", "How often to look. Without it: 1.", min: 0.05, "-i");
        return new ToolCommand(
            "top",
            "Watches the queues. q ends it.",
            "queueipc top --interval 0.5",
            invocation => RunAsync(invocation, TimeSpan.FromSeconds(invocation.Get(interval) ?? 1)),
            interval)
        {
            Details = """
                Shows what is ready, what comes and goes in a second, how old the oldest item is, and
                how many were ready at the last looks. When the output is no terminal, or with --json:
                one snapshot, made of two looks.
                """,
        };
    }

    private static async Task<int> RunAsync(Invocation invocation, TimeSpan interval)
    {
        using var client = invocation.Connect();
        var stop = invocation.Stop.Token;
        try
        {
            if (invocation.Json || Console.IsOutputRedirected)
            {
                await PrintSnapshotAsync(invocation, client, interval, stop);
            }
            else
            {
                await WatchAsync(client, interval, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // That is how it usually ends.
        }

        return ExitCode.Done;
    }

    /// <summary>Two looks make the rates.</summary>
    private static async Task PrintSnapshotAsync(Invocation invocation, QueueClient client, TimeSpan interval, CancellationToken stop)
    {
        var rows = new TopRows();
        rows.Update(await client.GetQueuesAsync(stop));
        await Task.Delay(interval, stop);
        rows.Update(await client.GetQueuesAsync(stop));
        if (invocation.Json)
        {
            Json.PrintArray(rows.All, (json, row) =>
            {
                Json.WriteQueue(json, row.Queue);
                json.WriteNumber("putPerSecond", Math.Round(row.PutRate, 3));
                json.WriteNumber("takenPerSecond", Math.Round(row.TakenRate, 3));
            });
            return;
        }

        var table = new TextTable("QUEUE", "READY", "LEASED", "DEAD", "IN/S", "OUT/S", "OLDEST") { WordTitles = ["QUEUE"] };
        foreach (var row in rows.All)
        {
            table.Add([row.Queue.Name, .. row.Numbers]);
        }

        table.Print(Console.Out);
    }

    private static async Task WatchAsync(QueueClient client, TimeSpan interval, CancellationToken stop)
    {
        using var quit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (!Console.IsInputRedirected)
        {
            EndOnKey(quit);
        }

        var rows = new TopRows();
        using var timer = new PeriodicTimer(interval);
        using var screen = new AlternateScreen();
        try
        {
            await AnsiConsole.Live(Text.Empty).StartAsync(async live =>
            {
                do
                {
                    rows.Update(await LookAsync(silence => Show(live, silence)));
                    Show(live, TimeSpan.Zero);
                }
                while (await timer.WaitForNextTickAsync(quit.Token));
            });
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // q
        }

        void Show(LiveDisplayContext live, TimeSpan silence)
        {
            live.UpdateTarget(TopScreen.Draw(client.Endpoint, rows.All, silence));
            live.Refresh();
        }

        // What is on the screen is old while the broker does not answer.
        async Task<IReadOnlyList<QueueInfo>> LookAsync(Action<TimeSpan> showSilence)
        {
            var asked = Stopwatch.GetTimestamp();
            var look = client.GetQueuesAsync(quit.Token);
            while (await Task.WhenAny(look, Task.Delay(SilenceShown, CancellationToken.None)) != look)
            {
                showSilence(Stopwatch.GetElapsedTime(asked));
            }

            return await look;
        }
    }

    /// <summary>A read of the keyboard cannot be ended; its thread does not keep the program.</summary>
    private static void EndOnKey(CancellationTokenSource quit) => new Thread(() =>
    {
        while (Console.ReadKey(intercept: true).Key is not (ConsoleKey.Q or ConsoleKey.Escape))
        {
            // Other keys mean nothing.
        }

        quit.Cancel();
    })
    { IsBackground = true, Name = "keyboard" }.Start();
}
