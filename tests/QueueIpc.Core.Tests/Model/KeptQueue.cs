namespace QueueIpc.Core.Tests.Model;

/// <summary>What a queue's changes come to, as plainly as it can be said: every item with its fate, by its sequence number.</summary>
internal sealed class KeptQueue(string name, QueueSettings settings)
{
    private readonly SortedDictionary<long, StoredItem> _items = [];
    private readonly SortedDictionary<Guid, StoredProducer> _producers = [];
    private QueueSettings _settings = settings;
    private bool _closed;
    private bool _discarding;
    private long _lastSequence;
    private long _dropped;

    public KeptQueue(KeptQueue other)
        : this(other.Name, other._settings)
    {
        (_items, _producers, _closed, _discarding, _lastSequence, _dropped) = (new(other._items), new(other._producers), other._closed, other._discarding, other._lastSequence, other._dropped);
    }

    public string Name { get; } = name;

    public long LastSequence => _lastSequence;

    public void Apply(IEnumerable<Change> changes)
    {
        foreach (var change in changes)
        {
            Apply(change);
        }
    }

    public StoredQueue ToStored() => new(Name, _settings)
    {
        IsClosed = _closed,
        IsDiscarding = _discarding,
        LastSequence = _lastSequence,
        Dropped = _dropped,
        Runs = [.. Runs(_items.Values.Where(item => item.Fate == ChangeKind.Accepted))],
        Items = [.. _items.Values.Where(item => item.Fate != ChangeKind.Accepted)],
        Producers = [.. _producers.Values],
    };

    /// <summary>What a disk would bring now.</summary>
    public IReadOnlyList<ItemRun> Read(Reading reading)
    {
        ItemRun[] runs = [.. Runs(_items.Values.Where(item => item.Item.Sequence >= reading.First && item.Item.Sequence <= reading.Last && item.Fate == ChangeKind.Accepted))];
        Assert.Equal(reading.Count, runs.Sum(run => run.Count));
        return runs;
    }

    private void Apply(in Change change)
    {
        switch (change.Kind)
        {
            case ChangeKind.Accepted:
                Assert.Equal(_lastSequence + 1, change.Sequence);
                _lastSequence += change.Count;
                foreach (var item in change.Items)
                {
                    _items.Add(item.Sequence, new StoredItem(ChangeKind.Accepted, Copy(item)));
                }

                break;
            case ChangeKind.Taken or ChangeKind.Dropped:
                _dropped += change.Kind == ChangeKind.Dropped ? change.Count : 0;
                for (var i = 0; i < change.Count; i++)
                {
                    Assert.True(_items.Remove(change.Sequence + i), $"Item {change.Sequence + i} is gone a second time");
                }

                break;
            case ChangeKind.Returned or ChangeKind.Delayed or ChangeKind.Died:
                Assert.True(_items.ContainsKey(change.Sequence), $"Item {change.Sequence} has a fate, and is gone");
                _items[change.Sequence] = new StoredItem(change.Kind, Copy(change.Item), change.At, change.Reason);
                break;
            case ChangeKind.Completed or ChangeKind.Discarded:
                (_closed, _discarding) = (true, _discarding || change.Kind == ChangeKind.Discarded);
                break;
            case ChangeKind.Numbered:
                _producers[change.Producer!.Id] = change.Producer;
                break;
            case ChangeKind.Forgotten:
                _producers.Remove(change.Producer!.Id);
                break;
            case ChangeKind.Updated:
                _settings = change.Settings!;
                break;
        }
    }

    /// <summary>A disk has bytes of its own: whoever changes a buffer later changes nothing here.</summary>
    private static Item Copy(in Item item) =>
        new(ItemBatch.CopyOf(item.Packed.Packed, 1).Buffer, ItemBatch.PrefixBytes, item.Length, item.Sequence, item.PutAt, item.Failures);

    /// <summary>What follows each other and was accepted together is one run.</summary>
    private static IEnumerable<ItemRun> Runs(IEnumerable<StoredItem> items)
    {
        var together = new List<Item>();
        foreach (var item in items.Select(item => item.Item))
        {
            if (together.Count > 0 && (together[^1].Sequence + 1 != item.Sequence || together[^1].PutAt != item.PutAt))
            {
                yield return Join(together);
                together.Clear();
            }

            together.Add(item);
        }

        if (together.Count > 0)
        {
            yield return Join(together);
        }
    }

    private static ItemRun Join(List<Item> items) => ItemRun.Accept(
        new ItemBatch([.. items.SelectMany(item => item.Packed.Packed.ToArray())], 0, items.Count, items.Sum(item => item.Packed.PackedBytes)),
        items[0].Sequence, items[0].PutAt);
}
