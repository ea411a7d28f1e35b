using QueueIpc.Chaos.Faults;
using QueueIpc.Chaos.Roles;

namespace QueueIpc.Chaos.Audit;

/// <summary>
/// Holds what every consumer was sent against the order in which it was put: of one connection in the order of its calls, of several whenever one Put had
/// returned before the other began. What comes back is delivered before all newer items, so it may stand behind some of them: a consumer's row may
/// break once for every other consumer that died, was cut or left meanwhile, and not once more. In the queue of leases it may break less: an item that anybody
/// has been handed before shows it, so only what was read ahead, by a stream that died or was cut, or whose lease ended in a stopped process, may come late without a sign.
/// What a reader read ahead and gave back when another wanted it leaves no sign on the items, but its ledger says when that was: a row may break once for each time, that of the
/// reader itself as well.
/// </summary>
internal sealed class OrderAudit(Testimony testimony, Evidence evidence)
{
    /// <summary>What one consumer held may reach the next, that has just begun, so long after.</summary>
    private const long ReturnMicrosMax = 1_000_000;

    private readonly Dictionary<(int Producer, int Connection), int> _lastOfConnection = [];
    private Item? _lastBegun;

    public long Breaks { get; private set; }

    public void Run()
    {
        foreach (var sitting in testimony.Sittings)
        {
            CheckRow(sitting);
        }
    }

    private void CheckRow(Sitting sitting)
    {
        var isLeased = sitting.Queue == Queues.Leases;
        Sitting[] others = [.. testimony.Sittings.Where(other => other != sitting && other.Queue == sitting.Queue && !(isLeased && other.IsOneByOne))];
        var ends = others.Select(other => other.ReturnsAt).Where(at => at != long.MaxValue);
        var returns = new Queue<long>(ends.Concat(others.Append(sitting).SelectMany(any => any.Recalls)).Where(at => at >= sitting.BeganAt - ReturnMicrosMax).Order());
        Interval[] expiries = isLeased ? [.. others.SelectMany(other => other.StopsBefore(long.MaxValue))] : [];
        Restart();
        foreach (var holding in sitting.Holdings.Where(holding => !holding.WentBack && (!isLeased || IsFirstLease(holding))))
        {
            if (Follows(holding.Item))
            {
                continue;
            }

            Breaks++;
            if (!expiries.Any(stop => stop.Start <= holding.SeenAt && holding.SeenAt <= stop.End + ReturnMicrosMax)
                && (!returns.TryDequeue(out var at) || at > holding.SeenAt))
            {
                evidence.OutOfOrder($"{holding.Item} came late to {sitting}, at {holding.SeenAt / 1000} ms, and nobody can have had it before");
            }

            Restart();
            Follows(holding.Item);
        }
    }

    private static bool IsFirstLease(Holding holding) => holding.Failures == 0 && holding == holding.Item.Holdings[0];

    private void Restart()
    {
        _lastOfConnection.Clear();
        _lastBegun = null;
    }

    /// <summary>Whether the item may stand behind all that came before it in this row.</summary>
    private bool Follows(Item item)
    {
        var follows = item.Index > _lastOfConnection.GetValueOrDefault((item.Producer, item.Connection)) && item.AcceptedAt >= (_lastBegun?.AttemptAt ?? 0);
        _lastOfConnection[(item.Producer, item.Connection)] = item.Index;
        if (_lastBegun is null || item.AttemptAt > _lastBegun.AttemptAt)
        {
            _lastBegun = item;
        }

        return follows;
    }
}
