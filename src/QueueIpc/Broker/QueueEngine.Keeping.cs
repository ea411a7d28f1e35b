using QueueIpc.Core;

namespace QueueIpc.Broker;

/// <summary>
/// A queue that outlives its broker. What its machine says must be remembered goes into the journal, and nothing leaves that depends on what is
/// not kept yet. Answers leave in the order in which they were decided, apart from those that nothing has happened.
/// </summary>
internal sealed partial class QueueEngine : IJournalOwner
{
    private readonly IQueueJournal? _journal;
    private readonly Queue<Withheld> _withheld = new();
    private readonly List<Effect> _letOut = [];
    private readonly FlushList _keptTouched = new();
    private readonly IStorageBudget? _budget;

    // Memory that is free as soon as so many writes are kept.
    private readonly Queue<(long Position, long Bytes)> _putAway = new();
    private readonly List<Peek> _peeks = [];

    // Counted from the first write: what was written, up to where it must be kept before items and outcomes may leave, and what is kept.
    private long _written;
    private long _needed;
    private long _kept;

    /// <summary>A new durable queue: that there is one is the first write.</summary>
    public QueueEngine(string name, QueueSettings settings, IStorageBudget budget, IClock clock, uint life, IQueueStore store)
    {
        (Name, _clock, _budget) = (name, clock, budget);
        _machine = new QueueMachine(settings, budget, remembers: true, life, store.Near);
        _journal = store.Create(name, settings, this);
        _written = _needed = 1;
    }

    /// <summary>A durable queue that goes on from what was kept.</summary>
    public QueueEngine(StoredQueue stored, IStorageBudget budget, IClock clock, uint life, IQueueStore store)
    {
        (Name, _clock, _budget) = (stored.Name, clock, budget);
        _machine = new QueueMachine(stored.Settings, budget, remembers: true, life, store.Near);
        _journal = store.Continue(stored.Name, this);
        lock (_lock)
        {
            _machine.Restore(stored, clock.Now);
            Carry(_dueTouched);
        }
    }

    public bool IsDurable => _journal is not null;

    /// <summary>Does <paramref name="answer"/>, which adds to the outbox, as soon as all that was decided so far is kept: at once where nothing ever is.</summary>
    public void WhenKept(Transport.Outbox outbox, Action answer, FlushList touched)
    {
        lock (_lock)
        {
            _withheld.Enqueue(new Withheld(_written, default, outbox, answer));
            LetOut(touched);
        }
    }

    /// <inheritdoc/>
    public void Kept(long writes)
    {
        lock (_lock)
        {
            _kept = writes;
            while (_putAway.TryPeek(out var next) && next.Position <= writes)
            {
                _budget!.GiveBack(_putAway.Dequeue().Bytes);
            }

            LetOut(_keptTouched);
        }

        _keptTouched.Flush();
    }

    /// <inheritdoc/>
    public void Arrived(in Reading reading, IReadOnlyList<ItemRun> runs)
    {
        lock (_lock)
        {
            _machine.Arrive(reading, runs, _clock.Now);
            Carry(_keptTouched);
        }

        _keptTouched.Flush();
    }

    /// <summary>Gives the first items that are ready to <paramref name="write"/>, which adds them to the outbox: at once, or when they are here and all that was decided before is kept.</summary>
    public void WhenSeen(Transport.Outbox outbox, int maxItems, long maxBytes, Action<IReadOnlyList<Item>> write, FlushList touched)
    {
        lock (_lock)
        {
            if (_journal is not null)
            {
                _peeks.Add(new Peek(outbox, maxItems, maxBytes, write));
                Carry(touched);
                return;
            }

            _machine.TryPeek(maxItems, maxBytes, out var items);
            write(items);
        }

        touched.Add(outbox);
    }

    /// <summary>
    /// What was taken is no condition for what comes next: if it is forgotten it comes again, as it would have without the receipt.
    /// Only whoever is told that it is done with has to wait for it.
    /// </summary>
    private void Remember()
    {
        var changes = _machine.Changes!;
        if (changes.Count == 0)
        {
            return;
        }

        _written++;
        if (changes.Exists(change => change.Kind != ChangeKind.Taken))
        {
            _needed = _written;
        }

        _journal!.Write(changes);
        if (_machine.PutAwayBytes != 0)
        {
            _putAway.Enqueue((_written, _machine.PutAwayBytes));
        }

        _machine.ClearChanges();
    }

    /// <summary>Asks for what comes next, behind what was written.</summary>
    private void LookAhead()
    {
        if (_machine.TryAsk(out var reading))
        {
            _journal!.Read(reading);
        }
    }

    private void ShowPeeks(FlushList touched)
    {
        for (var i = 0; i < _peeks.Count;)
        {
            var peek = _peeks[i];
            if (!_machine.TryPeek(peek.MaxItems, peek.MaxBytes, out var items))
            {
                i++;
                continue;
            }

            _peeks.RemoveAt(i);
            _withheld.Enqueue(new Withheld(_written, default, peek.Outbox, () => peek.Write(items)));
            LetOut(touched);
        }
    }

    private void Forget()
    {
        if (_journal is not null)
        {
            _needed = ++_written;
            _journal.Delete();
        }
    }

    private void Withhold(FlushList touched)
    {
        foreach (var effect in _machine.Effects)
        {
            if (effect.IsOfNothing)
            {
                // A disk that takes its time makes nobody's timeout late.
                _letOut.Add(effect);
                continue;
            }

            var tellsOfTheEnd = effect.Kind is EffectKind.Joined or EffectKind.Completed or EffectKind.Deleted;
            _withheld.Enqueue(new Withheld(tellsOfTheEnd ? _written : _needed, effect));
        }

        LetOut(touched);
    }

    private void LetOut(FlushList touched)
    {
        while (_withheld.TryPeek(out var next) && next.Position <= _kept)
        {
            _withheld.Dequeue();
            if (next.Answer is null)
            {
                _letOut.Add(next.Effect);
                continue;
            }

            WriteLetOut(touched);
            next.Answer();
            touched.Add(next.Outbox!);
        }

        WriteLetOut(touched);
    }

    private void WriteLetOut(FlushList touched)
    {
        Write(_letOut, touched);
        _letOut.Clear();
    }

    /// <summary>Somebody who wants to see what comes next, and it is not here yet.</summary>
    private sealed record Peek(Transport.Outbox Outbox, int MaxItems, long MaxBytes, Action<IReadOnlyList<Item>> Write);

    /// <summary>An effect, or an answer of a session's own, that leaves when so many writes are kept.</summary>
    private readonly record struct Withheld(long Position, Effect Effect, Transport.Outbox? Outbox = null, Action? Answer = null);
}
