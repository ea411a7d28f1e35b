using QueueIpc.Chaos.Faults;

namespace QueueIpc.Chaos.Audit;

/// <summary>Reads all ledgers, and says what became of every item and every call.</summary>
internal sealed class Auditor(IReadOnlyList<Life> lives, Interval[] directorsLate, IReadOnlyCollection<Life> hung)
{
    public Report Report(ChaosOptions options, QueueInfo[] queues, IReadOnlyList<BrokerSample> broker)
    {
        var evidence = new Evidence();
        var testimony = new Testimony(lives, evidence);
        var items = new ItemAudit(testimony, evidence);
        items.Run(queues);
        var order = new OrderAudit(testimony, evidence);
        order.Run();
        var calls = new CallAudit(evidence, directorsLate);
        calls.Run(lives);
        var crashed = lives.Where(life => life.HasCrashed).ToArray();
        return new Report
        {
            Seed = options.Seed,
            Seconds = options.Seconds,
            Broker = broker,
            Breaches =
            [
                .. evidence.Descriptions,
                .. crashed.Select(life => $"Crashed: {life.Kind} {life.Orders.Life}, exit code {life.Process.ExitCode}: {life.Process.Failure?.Message}"),
                .. hung.Select(life => $"Hung: {life.Kind} {life.Orders.Life}"),
            ],
            Figures =
            [
                new("attempts", items.Attempted),
                new("accepted", items.Accepted),
                new("refused", items.Refused),
                new("delivered", items.Delivered),
                new("deliveries", items.Deliveries),
                new("lost", evidence[nameof(Evidence.Lost)], 0),
                new("phantom", evidence[nameof(Evidence.Phantom)], 0),
                new("duplicated", evidence[nameof(Evidence.Duplicated)], 0),
                new("redelivered", items.Redelivered),
                new("handed over again", items.HandedOverAgain),
                new("gone with their holder", items.LostWithTheirHolder),
                new("longest tail delivered again", items.LongestTail),
                new("stale leases", items.StaleLeases),
                new("leases lost without a stop", items.LeasesLostWithoutStop),
                new("order violations", evidence[nameof(Evidence.OutOfOrder)], 0),
                new("returns seen in a row", order.Breaks),
                new("times that readers gave back", testimony.Sittings.Sum(sitting => sitting.Recalls.Count)),
                new("calls with a timeout", calls.Timed),
                new("timed out", calls.TimedOut),
                new("ended early", evidence[nameof(Evidence.Early)], 0),
                new("not judged, held up", calls.Stopped),
                new("longest late, ms", calls.LongestLate / 1000),
                new("longest late of a plain wait, ms", calls.LongestControl / 1000),
                new("longest block beyond a timeout, ms", calls.LongestBeyondControl / 1000, 1000),
                new("connections lost without a cause", evidence[nameof(Evidence.LeftAlone)], 0),
                new("crashed", crashed.Length, 0),
                new("hung", hung.Count, 0),
                new("processes", lives.Count),
                new("consumer kills", Kills(life => life.Kind != RoleKind.Producer && life.KilledAtWork)),
                new("producer kills", Kills(life => life.Kind == RoleKind.Producer && life.KilledAtWork)),
                new("kills while starting", Kills(life => !life.KilledAtWork)),
                new("kills while stopped", Kills(life => life.KilledWhileStopped)),
                new("stops", lives.Sum(life => life.Stops.Count(stop => stop.End - stop.Start >= Plan.StopMsMin * 1000))),
                new("pipes cut", testimony.Cuts),
                new("readers that left", testimony.Sittings.Count(sitting => sitting.LeftAt != long.MaxValue)),
            ],
        };
    }

    private int Kills(Func<Life, bool> which) => lives.Count(life => life.Kill is not null && which(life));
}
