using QueueIpc.Core;

namespace QueueIpc.Tests.Durability;

/// <summary>What callers were told of every item, over all lives of the broker.</summary>
internal sealed class DurableLedger
{
    private readonly Dictionary<long, Entry> _entries = [];

    /// <summary>How often failures were forgiven.</summary>
    public int Pardons { get; private set; }

    public void PutBegan(long id, Guid producer) => _entries.Add(id, new Entry { Producer = producer });

    public void PutConfirmed(long id) => _entries[id].IsConfirmed = true;

    public void PutRefused(long id) => _entries[id].IsRefused = true;

    /// <summary>Somebody wants it gone: from now on it may be.</summary>
    public void MayGo(long id) => _entries[id].MayBeGone = true;

    public void AllMayGo()
    {
        foreach (var entry in _entries.Values)
        {
            entry.MayBeGone = true;
        }
    }

    /// <summary>Somebody was told that it is gone: it never comes again.</summary>
    public void Gone(long id) => (_entries[id].MayBeGone, _entries[id].IsGone) = (true, true);

    /// <summary>Its holder failed with it, or may have: its failures may be one more.</summary>
    public void MayFail(long id) => _entries[id].FailuresMax++;

    public void AllMayFail()
    {
        foreach (var entry in _entries.Values)
        {
            entry.FailuresMax++;
        }
    }

    /// <summary>Somebody was told that its failure counts.</summary>
    public void Failed(long id) => _entries[id].FailuresMin++;

    /// <summary>Its failures are forgiven.</summary>
    public void AllForgiven()
    {
        Pardons++;
        foreach (var entry in _entries.Values)
        {
            entry.FailuresMin = 0;
        }
    }

    public void Delivered(long id, int? failures)
    {
        Assert.True(_entries.TryGetValue(id, out var entry), $"Item {id} came from nowhere");
        Assert.False(entry.IsGone, $"Item {id} came again after its ack had returned");
        Assert.False(entry.IsRefused, $"Item {id} came, and its put was refused");
        if (failures is { } count)
        {
            Assert.True(count >= entry.FailuresMin, $"Item {id} has failed {count} times, and somebody was told of {entry.FailuresMin}");
            Assert.True(count <= entry.FailuresMax, $"Item {id} has failed {count} times, and its consumers only {entry.FailuresMax}: the end of a broker is nobody's failure");
        }
    }

    /// <summary>An item that a client sees must be there after a crash in this very moment.</summary>
    public void CheckKept(long id, StoredQueue stored) =>
        Assert.True(_entries[id].MayBeGone || Ids(stored).Contains(id), $"Item {id} was sent to somebody, and is not on the disk");

    public void CheckAfterTheEnd((List<long> Got, List<long> Dead) rest)
    {
        Assert.All(rest.Got.GroupBy(id => _entries[id].Producer), ofOne => Assert.Equal(ofOne.Order(), ofOne));
        Assert.Equal(rest.Got.Distinct().Count(), rest.Got.Count);
        var left = rest.Got.Concat(rest.Dead).ToHashSet();
        foreach (var (id, entry) in _entries)
        {
            Assert.False(entry.IsConfirmed && !entry.MayBeGone && !left.Contains(id), $"Item {id} was confirmed, and is lost");
            Assert.False(entry.IsGone && left.Contains(id), $"Item {id} is back after its ack had returned");
            Assert.False(entry.IsRefused && left.Contains(id), $"Item {id} was refused, and is there");
        }
    }

    public static IEnumerable<long> Ids(StoredQueue stored) =>
        stored.Runs.SelectMany(run => run.Each).Concat(stored.Items.Select(item => item.Item)).Select(item => DurableClient.IdOf(item.Bytes));

    private sealed class Entry
    {
        public required Guid Producer { get; init; }

        public bool IsConfirmed { get; set; }

        public bool IsRefused { get; set; }

        public bool MayBeGone { get; set; }

        public bool IsGone { get; set; }

        public int FailuresMin { get; set; }

        public int FailuresMax { get; set; }
    }
}
