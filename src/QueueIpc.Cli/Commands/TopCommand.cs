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
                how many were ready at the last looks; the queue whose first item has waited longest comes
                first. Arrows, page up and down, Home and End scroll. When the output is no terminal, or with --json:
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

        string[] kept = rows.All.Any(row => row.Queue.IsDurable) ? ["KEPT"] : [];
        var table = new TextTable(["QUEUE", "READY", "LEASED", "DEAD", "IN/S", "OUT/S", "OLDEST", .. kept]) { WordTitles = ["QUEUE"] };
        foreach (var row in rows.All)
        {
            table.Add([row.Queue.Name, .. row.Numbers[..(6 + kept.Length)]]);
        }

        table.Print(Console.Out);
    }

    private static async Task WatchAsync(QueueClient client, TimeSpan interval, CancellationToken stop)
    {
        using var quit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var rows = new TopRows();
        var from = 0;
        Task? key = null;
        using var moved = new SemaphoreSlim(0);
        if (!Console.IsInputRedirected)
        {
            ListenToKeys(quit, by =>
            {
                Interlocked.Add(ref from, by);
                moved.Release();
            });
        }

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
                while (await NextLookAsync(() => Show(live, TimeSpan.Zero)));
            });
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // q
        }

        void Show(LiveDisplayContext live, TimeSpan silence)
        {
            var all = rows.All;
            from = Math.Clamp(from, 0, Math.Max(0, all.Count - TopScreen.Rows));
            live.UpdateTarget(TopScreen.Draw(client.Endpoint, all, from, silence));
            live.Refresh();
        }

        // A key is answered at once, and does not make it look more often.
        async Task<bool> NextLookAsync(Action show)
        {
            var tick = timer.WaitForNextTickAsync(quit.Token).AsTask();
            while (await Task.WhenAny(tick, key ??= moved.WaitAsync(quit.Token)) != tick)
            {
                await key;
                key = null;
                show();
            }

            return await tick;
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
    private static void ListenToKeys(CancellationTokenSource quit, Action<int> move) => new Thread(() =>
    {
        while (true)
        {
            switch (Console.ReadKey(intercept: true).Key)
            {
                case ConsoleKey.Q or ConsoleKey.Escape:
                    quit.Cancel();
                    return;
                case ConsoleKey.DownArrow or ConsoleKey.J:
                    move(1);
                    break;
                case ConsoleKey.UpArrow or ConsoleKey.K:
                    move(-1);
                    break;
                case ConsoleKey.PageDown or ConsoleKey.Spacebar:
                    move(TopScreen.Rows);
                    break;
                case ConsoleKey.PageUp:
                    move(-TopScreen.Rows);
                    break;
                case ConsoleKey.Home:
                    move(-1_000_000);
                    break;
                case ConsoleKey.End:
                    move(1_000_000);
                    break;
            }
        }
    })
    { IsBackground = true, Name = "keyboard" }.Start();
}
