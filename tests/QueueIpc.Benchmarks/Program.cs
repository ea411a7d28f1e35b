using QueueIpc.Benchmarks;

if (args is not ["compare", ..])
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/QueueIpc.Benchmarks -- compare [--quick] [--rounds N] [--only NAME,…]");
    return 2;
}

var quick = args.Contains("--quick");
var only = Option("--only")?.Split(',');
var rounds = int.Parse(Option("--rounds") ?? (quick ? "2" : "5"));
var scale = quick ? 5 : 1;
Scenario[] scenarios =
[
    new("raw", "named pipe", "round trip", "µs", RawPipe.RoundTripMicros, 20_000 / scale),
    new("put", "QueueIpc", "put", "µs", QueueScenarios.Put, 20_000 / scale),
    new("rtt", "QueueIpc", "round trip", "µs", QueueScenarios.RoundTrip, 10_000 / scale),
    new("naive", "QueueIpc", "rate", "items/s", QueueScenarios.Naive, 40_000 / scale),
    new("stream", "QueueIpc", "rate", "items/s", QueueScenarios.Stream, 4_000_000 / scale),
    new("pipelined", "QueueIpc", "rate", "items/s", QueueScenarios.Pipelined, 400_000 / scale),
    new("lease", "QueueIpc", "rate", "items/s", QueueScenarios.Lease, 2_000_000 / scale),
    new("large", "QueueIpc", "rate", "MiB/s", QueueScenarios.Large, 1000 / scale),
    new("idle", "QueueIpc", "processor time", "s", QueueScenarios.Idle, 10 / scale),
];

var results = new Dictionary<Scenario, List<double>>();
for (var round = 1; round <= rounds; round++)
{
    foreach (var scenario in scenarios.Where(scenario => only is null || only.Contains(scenario.Name)))
    {
        Console.Error.WriteLine($"round {round} of {rounds}: {scenario.Name}");
        if (!results.TryGetValue(scenario, out var values))
        {
            results[scenario] = values = [];
        }

        values.Add(scenario.Run(scenario.Count));
    }
}

var raw = results.FirstOrDefault(result => result.Key.Name == "raw").Value is { } floor ? Statistics.Median(floor) : double.NaN;
Console.WriteLine($"{"scenario",-12}{"metric",-16}{"median",14}{"min",14}{"max",14}  unit      × raw round trip");
foreach (var (scenario, values) in results)
{
    var median = Statistics.Median(values);
    var ratio = scenario.Unit == "µs" ? $"{median / raw:0.00}" : string.Empty;
    Console.WriteLine($"{scenario.Name,-12}{scenario.Metric,-16}{median,14:#,0.0}{values.Min(),14:#,0.0}{values.Max(),14:#,0.0}  {scenario.Unit,-10}{ratio}");
}

return 0;

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
