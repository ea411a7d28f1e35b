namespace QueueIpc.Chaos.Faults;

internal enum FaultKind
{
    KillConsumer,
    KillProducer,
    KillNewest,
    Stop,
}

/// <summary>One thing to do to one process.</summary>
/// <param name="At">When, in microseconds from the start.</param>
/// <param name="Kind">What.</param>
/// <param name="Choice">To which of those it can be done to.</param>
/// <param name="StopMicros">For how long a stopped process stands still.</param>
internal sealed record Fault(long At, FaultKind Kind, int Choice, long StopMicros);

/// <summary>All that is done to processes, from the seed alone. How the system orders what happens then is the system's.</summary>
internal static class Plan
{
    private const double ConsumerKillsPerSecond = 1.0;
    private const double ProducerKillsPerSecond = 0.5;
    private const double StopsPerSecond = 0.7;
    private const double KillsThatHitTheNext = 0.15;
    private const double StartMicros = 400_000;
    public const int StopMsMin = 2000;
    private const int StopMsMax = 5000;

    public static Fault[] Of(int seed, int seconds)
    {
        var random = new Random(seed);
        var faults = Some(FaultKind.KillConsumer, ConsumerKillsPerSecond)
            .Concat(Some(FaultKind.KillProducer, ProducerKillsPerSecond))
            .Concat(Some(FaultKind.Stop, StopsPerSecond))
            .ToList();
        faults.AddRange([.. faults.Where(fault => fault.Kind != FaultKind.Stop && random.NextDouble() < KillsThatHitTheNext).Select(ItsSuccessor)]);
        return [.. faults.OrderBy(fault => fault.At)];

        IEnumerable<Fault> Some(FaultKind kind, double perSecond) => Enumerable.Range(0, (int)(seconds * perSecond)).Select(_ => new Fault(
            (long)(random.NextDouble() * seconds * 1e6), kind, random.Next(), random.Next(StopMsMin, StopMsMax) * 1000L));

        // Killed somewhere on its way from the first instruction to its first item.
        Fault ItsSuccessor(Fault fault) => fault with { At = fault.At + (long)(random.NextDouble() * StartMicros), Kind = FaultKind.KillNewest };
    }
}
