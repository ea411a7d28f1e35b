using QueueIpc.Chaos.Faults;
using QueueIpc.Chaos.Roles;

namespace QueueIpc.Chaos.Audit;

/// <summary>
/// Follows every item from its put to its end. Of all its deliveries but the last, each must have ended with a cause that was there before the next
/// began, and the item must have been held then: not confirmed, as far as its consumer's library can have sent that.
/// </summary>
internal sealed class ItemAudit(Testimony testimony, Evidence evidence)
{
    /// <summary>An ack in a stream of leases leaves within milliseconds; on a machine with more to do than it can, later.</summary>
    private const long AckDelayMicrosMax = 500_000;

    public long Attempted { get; private set; }

    public long Accepted { get; private set; }

    public long Refused { get; private set; }

    public long Delivered { get; private set; }

    public long Deliveries { get; private set; }

    public long Redelivered { get; private set; }

    public long HandedOverAgain { get; private set; }

    public long LostWithTheirHolder { get; private set; }

    public long StaleLeases { get; private set; }

    public long LeasesLostWithoutStop { get; private set; }

    public int LongestTail { get; private set; }

    public void Run(QueueInfo[] queues)
    {
        var known = new long[queues.Length];
        foreach (var item in testimony.Items)
        {
            Attempted++;
            Accepted += item.IsAccepted ? 1 : 0;
            Refused += item.IsRefused ? 1 : 0;
            Deliveries += item.Holdings.Count;
            known[item.Queue] += item.IsAccepted || item.Holdings.Count > 0 ? 1 : 0;
            Follow(item);
        }

        foreach (var sitting in testimony.Sittings)
        {
            CheckTail(sitting);
        }

        for (var i = 0; i < queues.Length; i++)
        {
            CheckBooks(queues[i], known[i]);
        }
    }

    /// <summary>What the broker says it has accepted, and nobody has seen, is lost too, even if its producer never knew of it.</summary>
    private void CheckBooks(QueueInfo queue, long known)
    {
        if (queue.TotalPut > known)
        {
            evidence.Lost($"the broker accepted {queue.TotalPut} items into '{queue.Name}', and {known} are known", queue.TotalPut - known);
        }
        else if (queue.TotalPut < known)
        {
            evidence.Phantom($"the broker accepted {queue.TotalPut} items into '{queue.Name}', and {known} are known", known - queue.TotalPut);
        }

        if (queue.Ready + queue.Leased + queue.Delayed + queue.Dead > 0 || queue.TotalTaken != queue.TotalPut)
        {
            evidence.Lost($"at the end '{queue.Name}' was not empty: {queue}", Math.Max(queue.TotalPut - queue.TotalTaken, 1));
        }
    }

    private void Follow(Item item)
    {
        if (item.Holdings.Count == 0)
        {
            if (item.IsAccepted)
            {
                evidence.Lost($"{item} was accepted and never delivered");
            }

            return;
        }

        if (item.IsRefused)
        {
            evidence.Phantom($"{item} was refused and delivered to {item.Holdings[0]}");
        }

        var isLeased = item.Queue == Queues.Leases;
        StaleLeases += isLeased ? item.Holdings.Count(IsStale) : 0;
        List<Holding> deliveries = [.. item.Holdings.Where(holding => !(isLeased && IsStale(holding)) && !(holding.WasRecalledBefore && holding.WentBack))];
        LeasesLostWithoutStop += deliveries.Count(holding => holding.State == HoldingState.LeaseLost && !holding.Sitting.StopsBefore(holding.StateAt).Any());
        for (var i = 0; i + 1 < deliveries.Count; i++)
        {
            deliveries[i].CameAgain = true;
            Redelivered++;
            if (EndOf(deliveries[i], deliveries[i + 1].SeenAt) > deliveries[i + 1].SeenAt)
            {
                evidence.Duplicated($"{item} was with {deliveries[i]} and came to {deliveries[i + 1]}");
            }
        }

        HandedOverAgain += Math.Max(deliveries.Count(holding => isLeased ? holding.IsAcked : holding.WasHandedOver) - 1, 0);
        Finish(item, deliveries, isLeased);
    }

    private void Finish(Item item, List<Holding> deliveries, bool isLeased)
    {
        if (deliveries.Any(holding => isLeased ? holding.IsAcked : holding.WasHandedOver))
        {
            Delivered++;
        }
        else if (item.Holdings.Any(holding => holding.Sitting.HasFault && holding.State == (isLeased ? HoldingState.Acking : HoldingState.Seen)))
        {
            LostWithTheirHolder++;
        }
        else
        {
            evidence.Lost($"{item} was with {string.Join(", then ", item.Holdings)}, and nobody had it in the end");
        }
    }

    /// <summary>A lease that was on its way to a stopped process, or in it, and over when that went on: no delivery any more.</summary>
    private static bool IsStale(Holding holding) =>
        !holding.IsAcked && holding != holding.Item.Holdings[0] && holding.Sitting.StopsBefore(holding.SeenAt).Any();

    /// <summary>The earliest moment at which the holder can have ceased to hold it, for a cause that is on record and was there before the next delivery.</summary>
    private static long EndOf(Holding holding, long next)
    {
        switch (holding.State)
        {
            case HoldingState.Acked:
                // An Ack that has returned ends it for good: no fault of its holder brings it back.
                return long.MaxValue;
            case HoldingState.GivenBack:
                return Math.Min(holding.StateAt, holding.Sitting.FaultAt);
            case HoldingState.LeaseLost:
                // The broker's word, as the holder wrote it down.
                return holding.SeenAt;
            case HoldingState.Seen when holding.WentBack:
                return Math.Min(holding.RecalledAt, holding.Sitting.FaultAt);
        }

        var stops = holding.Sitting.Queue != Queues.Leases ? []
            : holding.State == HoldingState.AckedSoon ? StopsAround(holding)
            : holding.Sitting.StopsBefore(next);
        return stops.Select(stop => stop.Start).Append(holding.Sitting.FaultAt).Min();
    }

    /// <summary>
    /// Confirmations are sent in order. So what a killed or cut consumer had been handed, and others were given again, is the tail of what it was handed:
    /// behind an item that came again, all did. With Get that is one item at most.
    /// </summary>
    private void CheckTail(Sitting sitting)
    {
        var settled = sitting.Life.Kind == RoleKind.Leaser
            ? sitting.Holdings.Where(holding => holding.State == HoldingState.AckedSoon && !StopsAround(holding).Any()).OrderBy(holding => holding.StateAt).ToList()
            : sitting.Holdings.Where(holding => !holding.WentBack).ToList();
        var first = settled.FindIndex(holding => holding.CameAgain);
        if (first < 0)
        {
            return;
        }

        LongestTail = Math.Max(LongestTail, settled.Count - first);
        for (var i = first; i < settled.Count; i++)
        {
            if (!settled[i].CameAgain)
            {
                evidence.Duplicated($"{settled[first].Item} came again from {settled[first]}, though {settled[i].Item} behind it did not");
                return;
            }
        }

        if (sitting.Life.Kind == RoleKind.Getter && settled.Count - first > 1)
        {
            evidence.Duplicated($"{settled.Count - first} items came again from {settled[first]}, who gets one at a time");
        }
    }

    /// <summary>The stops that can have kept an ack in a stream from leaving.</summary>
    private static IEnumerable<Interval> StopsAround(Holding holding) => holding.Sitting.Life.Stops.Where(stop =>
        holding.StateAt >= stop.Start - AckDelayMicrosMax && holding.StateAt <= stop.End + AckDelayMicrosMax);
}
