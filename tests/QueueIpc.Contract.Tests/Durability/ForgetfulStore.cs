using QueueIpc.Core;
using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Tests.Durability;

/// <summary>What a store may do wrong with items that it is to bring.</summary>
internal enum ReadingFault
{
    None,

    /// <summary>They do not come.</summary>
    Never,

    /// <summary>They are read after what was written later.</summary>
    Late,

    /// <summary>The last come first.</summary>
    Reversed,

    /// <summary>The last one does not come.</summary>
    Short,
}

/// <summary>
/// A store that keeps what was written when it is told to, in order, so many writes at a time, and brings what was asked for in the same order; and
/// forgets all the rest in a crash.
/// </summary>
internal sealed class ForgetfulStore : IQueueStore
{
    private readonly Dictionary<string, KeptQueue> _kept;
    private readonly Queue<(Journal Journal, Action? Apply, Core.Reading Reading)> _pending = new();
    private (Journal Journal, Core.Reading Reading)? _late;

    public ForgetfulStore(Nearness near)
        : this([], near)
    {
    }

    private ForgetfulStore(Dictionary<string, KeptQueue> kept, Nearness near) => (_kept, Near) = (kept, near);

    public Nearness Near { get; }

    public bool HasRoom { get; set; } = true;

    /// <summary>Planted, to see that it is found.</summary>
    public ReadingFault Fault { get; init; }

    /// <summary>How often something was brought.</summary>
    public int Arrived { get; private set; }

    public int Pending => _pending.Count;

    public IEnumerable<string> Names => _kept.Keys;

    /// <summary>What would be found after a crash at this moment.</summary>
    public StoredQueue? Find(string name) => _kept.GetValueOrDefault(name)?.ToStored();

    /// <summary>What need not have its bytes yet has none.</summary>
    public IReadOnlyList<StoredQueue> Load() => [.. _kept.Values.Select(queue => queue.ToStored()).Select(stored => stored with
    {
        Runs = [.. stored.Runs.Select(run => stored.Items.Count == 0 || run.First.Sequence > stored.Items[^1].Item.Sequence ? run.WithoutBytes() : run)],
    })];

    public IQueueJournal Continue(string name, IJournalOwner owner) => new Journal(this, name, owner);

    public IQueueJournal Create(string name, QueueSettings settings, IJournalOwner owner)
    {
        var journal = new Journal(this, name, owner);
        _pending.Enqueue((journal, () => _kept[name] = new KeptQueue(name, settings), default));
        return journal;
    }

    /// <summary>The next writes reach the disk, and then their owners hear of it: in one go, as of one commit. A reading among them comes behind the commit of those before it.</summary>
    public void Keep(int writes)
    {
        var told = new List<Journal>();
        while (writes-- > 0 && _pending.TryDequeue(out var next))
        {
            if (next.Apply is null)
            {
                Tell(told);
                Arrived++;
                next.Journal.Owner.Arrived(next.Reading, Spoil(_kept[next.Journal.Name].Read(next.Reading)));
                continue;
            }

            next.Apply();
            next.Journal.Count++;
            told.Add(next.Journal);
        }

        Tell(told);
    }

    private static void Tell(List<Journal> told)
    {
        foreach (var journal in told.Distinct())
        {
            journal.Owner.Kept(journal.Count);
        }

        told.Clear();
    }

    /// <summary>The same disk after the end of everything: what was not kept was never written.</summary>
    public ForgetfulStore Crash() => new(_kept.ToDictionary(queue => queue.Key, queue => new KeptQueue(queue.Value)), Near) { Fault = Fault };

    public void Dispose()
    {
        // Nothing is open.
    }

    private IReadOnlyList<ItemRun> Spoil(IReadOnlyList<ItemRun> runs) => Fault switch
    {
        ReadingFault.Reversed => [.. runs.Reverse()],
        ReadingFault.Short => [.. runs.SkipLast(1)],
        _ => runs,
    };

    private void Enqueue(Journal journal, Action? apply, Core.Reading reading)
    {
        if (apply is null && Fault is ReadingFault.Never or ReadingFault.Late)
        {
            _late = Fault == ReadingFault.Late ? (journal, reading) : null;
            return;
        }

        _pending.Enqueue((journal, apply, reading));
        if (_late is { } late)
        {
            _pending.Enqueue((late.Journal, null, late.Reading));
            _late = null;
        }
    }

    private sealed class Journal(ForgetfulStore store, string name, IJournalOwner owner) : IQueueJournal
    {
        public IJournalOwner Owner => owner;

        public string Name => name;

        public long Count { get; set; }

        public void Write(List<Change> changes)
        {
            Change[] written = [.. changes];
            store.Enqueue(this, () => store._kept[name].Apply(written), default);
        }

        public void Read(in Core.Reading reading) => store.Enqueue(this, null, reading);

        public void Delete() => store.Enqueue(this, () => store._kept.Remove(name), default);
    }
}
