using System.Diagnostics;

namespace QueueIpc.Core;

/// <summary>
/// The queue: a function (who, request, now) → effects. It has no I/O, no clock and no task; whoever calls it, one call
/// at a time, carries out <see cref="Effects"/> in their order and then calls <see cref="ClearEffects"/>.
/// <code>
/// Put ─> READY ──Get / Lease──> HELD ──receipt confirmed / Ack──> gone
///          ^ ^                   │ │
///          │ └─ back to its own place: holder gone, lease expired, Nack, Release
///          │                     │ └── DeadLetter, or MaxFailures reached ──> DEAD ── Redrive ──> READY
///          └──── due ── DELAYED &lt;┘ Nack(delay)
/// </code>
/// A queue that is to outlive its broker has a machine that remembers: beside effects it says in <see cref="Changes"/> what must be kept, and its
/// caller lets no effect out before the changes on which it depends are kept.
/// This file has what every request shares; the others have the requests: Puts, Gets, Subscriptions, Settling, Administration; and Remembering, and Reading.
/// </summary>
internal sealed partial class QueueMachine(QueueSettings settings, IStorageBudget budget, bool remembers = false, uint firstGeneration = 0, Nearness? near = null)
{
    /// <summary>What an item costs beside its bytes, so that a flood of empty items is not free.</summary>
    public const int ItemOverheadBytes = 64;

    /// <summary>What an item costs more while it is held under a token, or delayed: its place in the tables of holds and deadlines.</summary>
    public const int HoldOverheadBytes = 176;

    // READY is two stores. What was never delivered is in order of arrival, and younger than anything that was.
    private readonly ItemFifo _fresh = new();
    private readonly PriorityQueue<Item, long> _returned = new();

    private readonly HashSet<Attachment> _attachments = [];
    private readonly HoldTable _holds = new(firstGeneration);
    private readonly Queue<DeadLetter> _dead = new();

    private readonly WaitLine _gets = new();

    // Subscriptions whose window is shut: they wait for the end alone.
    private readonly WaitLine _shut = new();
    private readonly WaitLine _puts = new();
    private readonly WaitLine _joins = new();
    private readonly DeadlineHeap _deadlines = new();
    private readonly Stack<Waiter> _pool = new();
    private readonly List<Effect> _effects = [];

    private int _takenHeld;
    private int _standingStill;
    private bool _mayFeedAgain;
    private long _bytes;
    private long _lastSequence;
    private long _taken;
    private long _dropped;
    private QueueTotals _totals;
    private bool _closed;
    private bool _discarding;
    private bool _deleted;

    public QueueSettings Settings { get; private set; } = settings;

    public List<Effect> Effects => _effects;

    /// <summary>When <see cref="Tick"/> has something to do next; <see cref="Timed.Never"/> if nothing is due.</summary>
    public long NextDeadline => _deadlines.NextDeadline;

    /// <summary>Whether the first waiting put waits for memory that other queues hold; <see cref="Resume"/> tries again.</summary>
    public bool IsStarved { get; private set; }

    private int Ready => _fresh.Count + _returned.Count + _far.Count;

    private int Held => _holds.Held + _takenHeld;

    private bool IsFinished => Ready == 0 && _holds.Delayed == 0 && Held == 0;

    public void ClearEffects() => _effects.Clear();

    public Attachment Attach(object? tag = null, IWaitingPuts? waitingPuts = null, ClientShare? share = null)
    {
        var attachment = new Attachment(tag, waitingPuts, share) { LeaseTime = Settings.LeaseTime };
        _attachments.Add(attachment);
        return attachment;
    }

    /// <summary>
    /// A client is gone, or has closed the queue: what it waits for is dropped, what it holds goes back. After a crash
    /// (<paramref name="failed"/>), as opposed to a farewell, items that its code had in hand count that as a failure.
    /// </summary>
    public void Detach(Attachment who, bool failed, long now)
    {
        _attachments.Remove(who);
        foreach (var waiter in who.Waiters.Values.ToArray())
        {
            End(waiter);
        }

        while (who.FirstHold is { } hold)
        {
            var counts = failed && hold.InHand;
            _totals.Disconnected++;
            GiveBack(hold, counts, "its consumer ended without settling it", now);
        }

        Balance(now);
    }

    /// <summary>Does all that is due.</summary>
    public void Tick(long now)
    {
        while (_deadlines.NextDeadline <= now)
        {
            switch (_deadlines.Earliest)
            {
                case Waiter waiter:
                    TimeOut(waiter);
                    break;
                case Hold { State: HoldState.Held } hold:
                    _totals.Expired++;

                    // What was only read ahead is nobody's failure.
                    GiveBack(hold, failed: hold.InHand, "its lease expired", now);
                    break;
                case Hold hold:
                    Restore(Remove(hold));
                    break;
            }

            Balance(now);
        }
    }

    /// <summary>Tries again what waited for memory.</summary>
    public void Resume(long now)
    {
        IsStarved = false;
        Balance(now);
    }

    /// <summary>The caller gives up; whoever was answered already is not answered again.</summary>
    public void Cancel(Attachment who, ulong request, long now)
    {
        if (!who.Waiters.TryGetValue(request, out var waiter))
        {
            return;
        }

        Answer(waiter, EffectKind.Cancelled);
        Balance(now);
    }

    /// <summary>Restores the two rules: items here ⇒ no waiting get; room ⇒ no waiting put. Then tells who waits for the end.</summary>
    private void Balance(long now)
    {
        if (_mayFeedAgain)
        {
            StandInLineAgain();
        }

        do
        {
            ServeGets(now);
        }
        while (AdmitPuts(now));

        if (Ready == 0 && _gets.Count > 0)
        {
            Recall();
        }

        if (IsFinished)
        {
            AnswerAll(_joins, EffectKind.Joined);
            if (_closed)
            {
                AnswerAll(_gets, EffectKind.Completed);
                AnswerAll(_shut, EffectKind.Completed);
            }
        }

        if (Ready == 0 && _overdue > 0)
        {
            AnswerOverdue();
        }

        AssertInvariants();
    }

    private void TimeOut(Waiter waiter)
    {
        if (waiter.Kind == WaiterKind.Get && _far.Count > 0)
        {
            _deadlines.Remove(waiter);
            BecomeOverdue(waiter);
            return;
        }

        Answer(waiter, waiter.Kind switch
        {
            WaiterKind.Get => EffectKind.Empty,
            WaiterKind.Put => EffectKind.Full,
            WaiterKind.Join => EffectKind.TimedOut,
            _ => throw new UnreachableException("a subscription has no deadline"),
        });
    }

    private void Wait(Waiter waiter, WaitLine line, Attachment who, ulong request, long deadline)
    {
        waiter.Owner = who;
        waiter.Request = request;
        who.Begin(waiter);
        line.Join(waiter);
        _deadlines.Add(waiter, deadline);
    }

    private Waiter Rent(WaiterKind kind)
    {
        var waiter = _pool.TryPop(out var pooled) ? pooled : new Waiter();
        waiter.Kind = kind;
        return waiter;
    }

    private void Answer(Waiter waiter, EffectKind kind)
    {
        _effects.Add(new Effect(kind, waiter.Owner, waiter.Request, waiter.Accepted));
        End(waiter);
    }

    private void AnswerAll(WaitLine line, EffectKind kind)
    {
        while (line.First is { } waiter)
        {
            Answer(waiter, kind);
        }
    }

    private void End(Waiter waiter)
    {
        waiter.Line?.Leave(waiter);
        _deadlines.Remove(waiter);
        waiter.Owner.End(waiter);
        if (waiter is Subscription subscription)
        {
            ReturnAhead(subscription, subscription.Unconfirmed);
            CountStandingStill(subscription);
            return;
        }

        if (waiter.Kind == WaiterKind.Put)
        {
            waiter.Owner.WaitingPuts?.Ended(waiter.Batch.Buffer.Length);
        }

        if (waiter.IsOverdue)
        {
            waiter.IsOverdue = false;
            _overdue--;
        }

        waiter.Owner = null!;
        waiter.Batch = default;
        waiter.Number = default;
        waiter.Accepted = 0;
        _pool.Push(waiter);
    }

    /// <summary>An item that was out comes back to its own place, dies, or goes with a queue that is being discarded.</summary>
    private void Restore(in Item item)
    {
        if (_discarding || _deleted)
        {
            Drop(item);
        }
        else
        {
            _returned.Enqueue(item.Compact(), item.Sequence);
        }
    }

    /// <summary>The same, of an item that is not what it was: it has failed once more, or its failures are forgiven.</summary>
    private void RestoreChanged(in Item item)
    {
        if (!_discarding)
        {
            Remember(Change.OfItem(ChangeKind.Returned, item));
        }

        Restore(item);
    }

    private void Fail(in Item item, string reason, long now)
    {
        var failed = item.WithFailures(item.Failures + 1);
        if (Settings.MaxFailures > 0 && failed.Failures >= Settings.MaxFailures && !_deleted)
        {
            Bury(failed, reason, now);
        }
        else
        {
            RestoreChanged(failed);
        }
    }

    private void Bury(in Item item, string reason, long now)
    {
        _totals.Dead++;
        Remember(Change.OfItem(ChangeKind.Died, item, now, reason));
        AddDead(new DeadLetter(item.Compact(), reason, now));
        if (_dead.Count > Settings.MaxDead)
        {
            Drop(TakeOldestDead());
        }
    }

    private void AddDead(in DeadLetter letter)
    {
        budget.Take(MemoryFor(letter.Reason));
        _dead.Enqueue(letter);
    }

    private Item TakeOldestDead()
    {
        var letter = _dead.Dequeue();
        budget.GiveBack(MemoryFor(letter.Reason));
        return letter.Item;
    }

    private void Drop(in Item item) => Drop(new ItemRun(item));

    private void Drop(in ItemRun run)
    {
        _dropped += run.Count;
        RememberGone(ChangeKind.Dropped, run.First.Sequence, run.Count);
        Free(run);
    }

    private void Free(in Item item) => Free(new ItemRun(item));

    private void Free(in ItemRun run)
    {
        _bytes -= run.StoredBytes;
        budget.GiveBack(run.IsHere ? MemoryFor(run.Items) : AwayRunBytes);
    }

    /// <summary>What a text takes: two bytes for each character, and what every text has.</summary>
    public static long MemoryFor(string reason) => 24 + (2L * reason.Length);

    private static long MemoryFor(in ItemBatch items) => items.StoredBytes + ((long)items.Count * ItemOverheadBytes);
}
