using System.Diagnostics;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;
using Spectre.Console;

namespace QueueIpc.Cli.Commands;

/// <summary>How fast queues are on this machine: a short run of what queues are used for, against a broker process of its own.</summary>
internal static class BenchCommand
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);

    public static ToolCommand Create()
    {
        var seconds = Parameters.Seconds("--seconds", "How long each scenario runs. Without it: 1.", min: 0.1);
        return new ToolCommand(
            "bench",
            "Measures how fast queues are on this machine.",
            "queueipc bench --seconds 3",
            invocation => RunAsync(invocation, TimeSpan.FromSeconds(invocation.Get(seconds) ?? 1)),
            seconds)
        {
            Details = """
                It starts a broker process for it, or uses the one that --broker names, with queues of
                its own that it deletes.
                """,
        };
    }

    private static async Task<int> RunAsync(Invocation invocation, TimeSpan each)
    {
        using var broker = invocation.BrokerSaid is null ? QueueBroker.StartProcess() : null;
        using var client = BrokerChoice.Connect(broker?.Endpoint ?? invocation.Broker);
        var stop = invocation.Stop.Token;
        var results = new List<BenchResult>();
        if (invocation.Json || Console.IsOutputRedirected)
        {
            foreach (var scenario in BenchScenario.All)
            {
                results.Add(await scenario.RunAsync(client, each, stop));
            }
        }
        else
        {
            await AnsiConsole.Progress().AutoClear(true).StartAsync(async progress =>
            {
                foreach (var scenario in BenchScenario.All)
                {
                    results.Add(await ShowAsync(progress.AddTask(scenario.Name, maxValue: each.TotalSeconds), scenario.RunAsync(client, each, stop)));
                }
            });
        }

        Print(invocation, results);
        return ExitCode.Done;
    }

    /// <summary>A scenario takes the time that it was given; looking at it more often would disturb it.</summary>
    private static async Task<BenchResult> ShowAsync(ProgressTask task, Task<BenchResult> scenario)
    {
        var watch = Stopwatch.StartNew();
        while (await Task.WhenAny(scenario, Task.Delay(Redraw)) != scenario)
        {
            task.Value = watch.Elapsed.TotalSeconds;
        }

        task.Value = task.MaxValue;
        return await scenario;
    }

    private static void Print(Invocation invocation, IReadOnlyList<BenchResult> results)
    {
        if (invocation.Json)
        {
            Json.PrintArray(results, (json, result) =>
            {
                json.WriteString("scenario", result.Name);
                json.WriteNumber("perSecond", Math.Round(result.PerSecond));
                json.WriteNumber("medianMicroseconds", Math.Round(result.MedianMicros, 1));
                json.WriteNumber("p99Microseconds", Math.Round(result.P99Micros, 1));
            });
            return;
        }

        var table = new TextTable("SCENARIO", "PER SECOND", "MEDIAN µs", "99% µs") { WordTitles = ["SCENARIO"] };
        foreach (var result in results)
        {
            table.Add(result.Name, Words.Number((long)result.PerSecond), Words.Number(result.MedianMicros), Words.Number(result.P99Micros));
        }

        table.Print(Console.Out);
    }
}
