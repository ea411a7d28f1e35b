namespace QueueIpc.Core;

/// <summary>What a queue that outlives its broker has to know after a restart, and how it goes on from that.</summary>
internal sealed partial class QueueMachine
{
    private readonly List<Change>? _changes = remembers ? [] : null;

    /// <summary>What must be remembered since <see cref="ClearChanges"/>, in its order; null if nothing ever is.</summary>
    public List<Change>? Changes => _changes;

    public void ClearChanges()
    {
        _changes?.Clear();
        PutAwayBytes = 0;
    }

    /// <summary>
    /// Goes on from what was kept. It is done once, before anything else. What was held is ready in its place: the end of a broker is no item's failure.
    /// </summary>
    public void Restore(StoredQueue stored, long now)
    {
        (_closed, _discarding, _lastSequence, _dropped) = (stored.IsClosed, stored.IsDiscarding, stored.LastSequence, stored.Dropped);
        _taken = _lastSequence - _dropped - stored.Items.Count - stored.Runs.Sum(run => (long)run.Count);
        Restore(stored.Producers, now);
        foreach (var item in stored.Items.Where(item => item.Fate != ChangeKind.Died).Concat(stored.Items.Where(item => item.Fate == ChangeKind.Died).OrderBy(item => item.At)))
        {
            Count(new ItemRun(item.Item));
            RestoreOne(item, now);
        }

        // What has a fate of its own was delivered once. Whatever is older was, too, and comes before all that is fresh.
        var lastDelivered = stored.Items.Count == 0 ? 0 : stored.Items[^1].Item.Sequence;
        foreach (var run in stored.Runs)
        {
            RestoreRun(run, lastDelivered);
        }

        Balance(now);
    }

    private void Count(in ItemRun run)
    {
        _bytes += run.StoredBytes;
        budget.Take(run.IsHere ? MemoryFor(run.Items) : AwayRunBytes);
    }

    private void RestoreOne(in StoredItem stored, long now)
    {
        switch (stored.Fate)
        {
            case ChangeKind.Died:
                AddDead(new DeadLetter(stored.Item, stored.Reason ?? string.Empty, stored.At));
                break;
            case ChangeKind.Delayed when !_discarding && stored.At > now:
                Delay(stored.Item, stored.At);
                break;
            default:
                Restore(stored.Item);
                break;
        }
    }

    private void RestoreRun(in ItemRun run, long lastDelivered)
    {
        if (!_discarding && run.First.Sequence > lastDelivered)
        {
            var isKept = run.IsHere && Keeps(run);
            Count(isKept ? run : run.WithoutBytes());
            EnqueueLast(run, isKept);
            return;
        }

        Count(run);
        if (_discarding)
        {
            Drop(run);
            return;
        }

        foreach (var item in run)
        {
            Restore(item);
        }
    }

    private void Remember(in Change change)
    {
        if (_changes is not null && !_deleted)
        {
            _changes.Add(change);
        }
    }

    /// <summary>What goes one after the other, and is next to each other, is remembered as one.</summary>
    private void RememberGone(ChangeKind kind, long sequence, int count)
    {
        if (_changes is null || _deleted)
        {
            return;
        }

        if (_changes.Count > 0 && _changes[^1] is var last && last.Kind == kind && last.Sequence + last.Count == sequence)
        {
            _changes[^1] = last with { Count = last.Count + count };
            return;
        }

        _changes.Add(new Change(kind, sequence, count));
    }
}
