using QueueIpc.Chaos.Audit;
using QueueIpc.Chaos.Faults;
using QueueIpc.Chaos.Roles;

namespace QueueIpc.Chaos.Disk;

/// <summary>
/// What must be so when a broker with queues on disk was killed, and nobody else: each put that returned was delivered, nothing came that was not put, a lease
/// whose Ack had returned never came again, and what one consumer was sent for the first time came in its order, but for what a kill brought back.
/// </summary>
internal sealed class DurableAudit(IReadOnlyList<Life> lives, IReadOnlyList<long> kills, IReadOnlyCollection<Life> hung)
{
    /// <summary>What had left the broker before its end is seen so much later.</summary>
    private const long SeenLateMicrosMax = 500_000;

    private readonly Evidence _evidence = new();

    public Report Report(ChaosOptions options, int seconds, QueueInfo[] queues)
    {
        var testimony = new Testimony(lives, _evidence);
        var items = testimony.Items.ToArray();
        Array.ForEach(items, Follow);
        foreach (var (queue, number) in queues.Select((queue, number) => (queue, number)))
        {
            CheckBooks(queue, items.Count(item => item.Queue == number && (item.IsAccepted || item.Holdings.Count > 0)));
        }

        foreach (var sitting in testimony.Sittings.Where(sitting => sitting.Queue == Queues.Gets))
        {
            CheckOrder(sitting);
        }

        var crashed = lives.Where(life => life.HasCrashed).ToArray();
        return new Report
        {
            Seed = options.Seed,
            Seconds = seconds,
            Broker = [],
            Breaches =
            [
                .. _evidence.Descriptions,
                .. crashed.Select(life => $"Crashed: {life.Kind} {life.Orders.Life}, exit code {life.Process.ExitCode}: {life.Process.Failure?.Message}"),
                .. hung.Select(life => $"Hung: {life.Kind} {life.Orders.Life}"),
            ],
            Figures =
            [
                new("kills of the broker", kills.Count),
                new("accepted", items.Count(item => item.IsAccepted)),
                new("refused", items.Count(item => item.IsRefused)),
                new("deliveries", items.Sum(item => item.Holdings.Count)),
                new("acked leases", items.Sum(item => item.Holdings.Count(holding => holding.State == HoldingState.Acked))),
                new("came twice, where that may be", items.Count(item => item.Holdings.Count(holding => holding.WasHandedOver) > 1)),
                new("lost", _evidence[nameof(Evidence.Lost)], 0),
                new("phantom", _evidence[nameof(Evidence.Phantom)], 0),
                new("acked again", _evidence[nameof(Evidence.Duplicated)], 0),
                new("order violations", _evidence[nameof(Evidence.OutOfOrder)], 0),
                new("crashed", crashed.Length, 0),
                new("hung", hung.Count, 0),
            ],
        };
    }

    private void Follow(Item item)
    {
        var isLeased = item.Queue == Queues.Leases;
        if (item.IsRefused && item.Holdings.Count > 0)
        {
            _evidence.Phantom($"{item} was refused and delivered to {item.Holdings[0]}");
        }

        if (item.IsAccepted && !item.Holdings.Any(holding => isLeased ? holding.IsAcked : holding.WasHandedOver))
        {
            _evidence.Lost($"{item} was accepted, and {(item.Holdings.Count == 0 ? "never delivered" : $"was with {string.Join(", then ", item.Holdings)}, and nobody had it in the end")}");
        }

        foreach (var acked in item.Holdings.Where(holding => holding.State == HoldingState.Acked))
        {
            if (item.Holdings.FirstOrDefault(other => other.SeenAt > acked.StateAt) is { } again)
            {
                var kill = kills.LastOrDefault(at => at <= again.SeenAt);
                _evidence.Duplicated($"{item} was acked by {acked} and came to {again}; the last kill before was at {kill} µs");
            }
        }
    }

    /// <summary>Producers were not killed, so they know of every item.</summary>
    private void CheckBooks(QueueInfo queue, long known)
    {
        if (queue.TotalPut != known)
        {
            var words = $"the broker accepted {queue.TotalPut} items into '{queue.Name}', and {known} are known";
            if (queue.TotalPut > known)
            {
                _evidence.Phantom(words, queue.TotalPut - known);
            }
            else
            {
                _evidence.Lost(words, known - queue.TotalPut);
            }
        }

        if (queue.Ready + queue.Leased + queue.Delayed + queue.Dead > 0 || queue.TotalTaken != queue.TotalPut)
        {
            _evidence.Lost($"at the end '{queue.Name}' was not empty: {queue}", Math.Max(queue.TotalPut - queue.TotalTaken, 1));
        }
    }

    /// <summary>What others held when the broker was killed comes back before what is newer: a row may break there, and nowhere else.</summary>
    private void CheckOrder(Sitting sitting)
    {
        var last = new Dictionary<int, int>();
        var before = sitting.BeganAt;
        foreach (var holding in sitting.Holdings.Where(holding => holding == holding.Item.Holdings[0]))
        {
            var item = holding.Item;
            if (item.Index < last.GetValueOrDefault(item.Producer))
            {
                if (!kills.Any(at => at >= before - SeenLateMicrosMax && at <= holding.SeenAt))
                {
                    _evidence.OutOfOrder($"{item} came late to {sitting}, at {holding.SeenAt} µs, and the broker had not been killed");
                }

                last.Clear();
            }

            (last[item.Producer], before) = (item.Index, holding.SeenAt);
        }
    }
}
