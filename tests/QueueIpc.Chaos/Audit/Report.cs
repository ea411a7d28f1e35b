using QueueIpc.Chaos.Audit;

namespace QueueIpc.Chaos;

/// <summary>What a run found. Each figure is defined in <see cref="Help"/>.</summary>
internal sealed record Report
{
    public required int Seed { get; init; }

    public required int Seconds { get; init; }

    public required IReadOnlyList<Figure> Figures { get; init; }

    public required IReadOnlyList<string> Breaches { get; init; }

    public required IReadOnlyList<BrokerSample> Broker { get; init; }

    /// <summary>Whether every figure that has to be zero is.</summary>
    public bool IsKept => Figures.All(figure => figure.IsKept);

    public void WriteTable(TextWriter to)
    {
        to.WriteLine();
        to.WriteLine($"seed {Seed}, {Seconds} s");
        foreach (var figure in Figures)
        {
            var mark = figure.MustNotExceed is not { } most ? string.Empty : figure.IsKept ? $"  kept (≤ {most})" : $"  BROKEN (≤ {most})";
            to.WriteLine($"  {figure.Name,-36}{figure.Value,12:N0}{mark}");
        }

        to.WriteLine();
        to.WriteLine("  the broker    seconds        items           MB      handles      threads");
        foreach (var sample in Broker)
        {
            to.WriteLine($"  {sample.Seconds,21}{sample.Items,13}{sample.MemoryMegabytes,13}{sample.Handles,13}{sample.Threads,13}");
        }

        foreach (var breach in Breaches)
        {
            to.WriteLine($"  {breach}");
        }

        to.WriteLine(IsKept ? "the promise is kept" : "THE PROMISE IS BROKEN");
    }
}

/// <summary>One number, and what it must not exceed if it is part of the promise.</summary>
internal sealed record Figure(string Name, long Value, long? MustNotExceed = null)
{
    public bool IsKept => MustNotExceed is not { } most || Value <= most;
}
