using System.Globalization;
using System.Text.Json;

namespace QueueIpc.Benchmarks;

/// <summary>Runs all systems interleaved, several rounds, and says how they compare.</summary>
internal sealed class Compare(int rounds, double scale)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Dictionary<(string Scenario, string System, string Metric, string Unit), List<double>> _values = [];
    private readonly List<string> _failures = [];

    /// <summary>What could not be measured, and why. The rest is no worse for that.</summary>
    public IReadOnlyList<string> Failures => _failures;

    public IReadOnlyList<Result> Run(IReadOnlyList<Scenario> scenarios)
    {
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (scenario, i) in scenarios.Select((scenario, i) => (scenario, i)))
            {
                Console.Error.Write($"{(Console.IsErrorRedirected ? string.Empty : "\r\e[K")}round {round}/{rounds}, {i + 1}/{scenarios.Count}: {scenario.Name}, {scenario.System}{(Console.IsErrorRedirected ? "\n" : string.Empty)}");
                Measure(scenario);
            }
        }

        Console.Error.WriteLine();
        return [.. _values.Select(entry => new Result(
            entry.Key.Scenario, entry.Key.System, entry.Key.Metric, entry.Key.Unit,
            Statistics.Median(entry.Value), entry.Value.Min(), entry.Value.Max(), entry.Value.Count))];
    }

    private void Measure(Scenario scenario)
    {
        try
        {
            foreach (var sample in scenario.Run(scale))
            {
                var key = (scenario.Name, scenario.System, sample.Metric, sample.Unit);
                if (!_values.TryGetValue(key, out var values))
                {
                    _values[key] = values = [];
                }

                values.Add(sample.Value);
            }
        }
        catch (Exception e)
        {
            // Whatever somebody else's system throws after half an hour must not take the figures of all others with it.
            _failures.Add($"{scenario.Name}, {scenario.System}: {e.GetType().Name}, {e.Message}");
        }
    }

    public static void PrintTable(IReadOnlyList<Result> results)
    {
        Console.WriteLine($"{"scenario",-16}{"system",-23}{"metric",-16}{"median",14}{"min",14}{"max",14}  unit");
        foreach (var result in results)
        {
            Console.WriteLine($"{result.Scenario,-16}{result.System,-23}{result.Metric,-16}{Show(result.Median),14}{Show(result.Min),14}{Show(result.Max),14}  {result.Unit}");
        }
    }

    /// <summary>Prints every goal for which there are figures.</summary>
    public static void PrintGoals(IReadOnlyList<Result> results, IEnumerable<Goal> goals)
    {
        Console.WriteLine();
        Console.WriteLine($"{"goal",-64}{"reached",12}");
        foreach (var goal in goals)
        {
            var figure = results.FirstOrDefault(result => (result.Scenario, result.System, result.Metric) == (goal.Scenario, All.Us, goal.Metric));
            var floor = goal.BaseScenario is null ? null : results.FirstOrDefault(result => (result.Scenario, result.System, result.Metric) == (goal.BaseScenario, goal.BaseSystem, goal.BaseMetric ?? result.Metric));
            if (figure is null)
            {
                continue;
            }

            if (goal.BaseScenario is not null && floor is null)
            {
                Console.WriteLine($"{$"{goal.Scenario} {goal.Metric} {(goal.AtMost ? "≤" : "≥")} {Show(goal.Bound)} × {goal.BaseSystem} {goal.BaseScenario}",-64}{"-",12}  not measured");
                continue;
            }

            var value = figure.Median / (floor?.Median ?? 1);
            var met = goal.AtMost ? value <= goal.Bound : value >= goal.Bound;
            var against = floor is null ? figure.Unit : $"× {floor.System} {(floor.Scenario == goal.Scenario ? string.Empty : floor.Scenario)}";
            Console.WriteLine($"{$"{goal.Scenario} {goal.Metric} {(goal.AtMost ? "≤" : "≥")} {Show(goal.Bound)} {against}",-64}{Show(value),12}  {(met ? "met" : "MISSED")}");
        }
    }

    /// <summary>No collapse: each step has at least this much of the best before it, in items or, where bandwidth is the limit, in bytes.</summary>
    public static void PrintScaling(IReadOnlyList<Result> results)
    {
        const double Enough = 0.8;
        foreach (var prefix in new[] { All.ConsumersPrefix, All.BytesPrefix })
        {
            var (bestItems, bestBytes) = (0.0, 0.0);
            foreach (var result in results.Where(result => result.Scenario.StartsWith(prefix, StringComparison.Ordinal) && result.Metric == All.Rate))
            {
                var bytes = prefix == All.BytesPrefix ? result.Median * int.Parse(result.Scenario[prefix.Length..], CultureInfo.InvariantCulture) : 0;
                var ratio = Math.Max(bestItems > 0 ? result.Median / bestItems : 1, bestBytes > 0 ? bytes / bestBytes : 0);
                Console.WriteLine($"{$"{result.Scenario} ≥ {Show(Enough)} × the best before it, in items or bytes",-64}{Show(ratio),12}  {(ratio >= Enough ? "met" : "MISSED")}");
                (bestItems, bestBytes) = (Math.Max(bestItems, result.Median), Math.Max(bestBytes, bytes));
            }
        }
    }

    public static void WriteJson(string path, IReadOnlyList<Result> results, IEnumerable<string> absent, IEnumerable<string> failures) =>
        File.WriteAllText(path, JsonSerializer.Serialize(new { results, absent, failures }, Json));

    private static string Show(double value) => value.ToString(value >= 1000 ? "#,0" : value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
