namespace QueueIpc.Benchmarks;

/// <summary>One figure that one run gave.</summary>
internal sealed record Sample(string Metric, string Unit, double Value);

/// <summary>Something that can be measured again and again: each run is in processes of its own. The argument is 1, or less for a quick look.</summary>
internal sealed record Scenario(string Name, string System, Func<double, IEnumerable<Sample>> Run)
{
    /// <summary>The program that it takes and this machine does not have.</summary>
    public string? Absent { get; init; }

    public Scenario(string name, string system, string metric, string unit, Func<double, double> run)
        : this(name, system, scale => [new Sample(metric, unit, run(scale))])
    {
    }
}

/// <summary>All runs of one figure together.</summary>
internal sealed record Result(string Scenario, string System, string Metric, string Unit, double Median, double Min, double Max, int N);

/// <summary>What a figure is to reach: at most, or at least, so many times another, or absolutely.</summary>
/// <param name="BaseMetric">Of what is measured there: the first figure, unless it is said.</param>
internal sealed record Goal(string Scenario, string Metric, string? BaseScenario, string? BaseSystem, bool AtMost, double Bound, string? BaseMetric = null);
