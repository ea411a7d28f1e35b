using QueueIpc.Core;
using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Tests.Durability;

/// <summary>
/// A store that keeps what was written when it is told to, in order, so many writes at a time; and forgets all the rest in a crash.
/// </summary>
internal sealed class ForgetfulStore : IQueueStore
{
    private readonly Dictionary<string, KeptQueue> _kept;
    private readonly Queue<(Journal Journal, Action Apply)> _pending = new();

    public ForgetfulStore()
        : this([])
    {
    }

    private ForgetfulStore(Dictionary<string, KeptQueue> kept) => _kept = kept;

    public bool HasRoom { get; set; } = true;

    public int Pending => _pending.Count;

    public IEnumerable<string> Names => _kept.Keys;

    /// <summary>What would be found after a crash at this moment.</summary>
    public StoredQueue? Find(string name) => _kept.GetValueOrDefault(name)?.ToStored();

    public IReadOnlyList<StoredQueue> Load() => [.. _kept.Values.Select(queue => queue.ToStored())];

    public IQueueJournal Continue(string name, IJournalOwner owner) => new Journal(this, name, owner);

    public IQueueJournal Create(string name, QueueSettings settings, IJournalOwner owner)
    {
        var journal = new Journal(this, name, owner);
        _pending.Enqueue((journal, () => _kept[name] = new KeptQueue(name, settings)));
        return journal;
    }

    /// <summary>The next writes reach the disk, and then their owners hear of it: in one go, as of one commit.</summary>
    public void Keep(int writes)
    {
        var told = new List<Journal>();
        while (writes-- > 0 && _pending.TryDequeue(out var next))
        {
            next.Apply();
            next.Journal.Count++;
            told.Add(next.Journal);
        }

        foreach (var journal in told.Distinct())
        {
            journal.Owner.Kept(journal.Count);
        }
    }

    /// <summary>The same disk after the end of everything: what was not kept was never written.</summary>
    public ForgetfulStore Crash() => new(_kept.ToDictionary(queue => queue.Key, queue => new KeptQueue(queue.Value)));

    public void Dispose()
    {
        // Nothing is open.
    }

    private sealed class Journal(ForgetfulStore store, string name, IJournalOwner owner) : IQueueJournal
    {
        public IJournalOwner Owner => owner;

        public long Count { get; set; }

        public void Write(List<Change> changes)
        {
            Change[] written = [.. changes];
            store._pending.Enqueue((this, () => store._kept[name].Apply(written)));
        }

        public void Delete() => store._pending.Enqueue((this, () => store._kept.Remove(name)));
    }
}
