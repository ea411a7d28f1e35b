using System.Diagnostics;

namespace QueueIpc.Core;

internal sealed partial class QueueMachine
{
    /// <summary>Waits until nothing is unfinished: Joined, TimedOut, Deleted or Cancelled.</summary>
    public void Join(Attachment who, ulong request, long deadline, long now)
    {
        if (_deleted || IsFinished)
        {
            _effects.Add(new Effect(_deleted ? EffectKind.Deleted : EffectKind.Joined, who, request));
        }
        else if (deadline <= now)
        {
            _effects.Add(new Effect(EffectKind.TimedOut, who, request));
        }
        else
        {
            Wait(Rent(WaiterKind.Join), _joins, who, request, deadline);
        }
    }

    /// <summary>No more puts, for ever. What is left is drained, or discarded; what is held then goes as well when it comes back.</summary>
    public void Complete(bool discard, long now)
    {
        _closed = true;
        Remember(new Change(discard ? ChangeKind.Discarded : ChangeKind.Completed));
        AnswerAll(_puts, EffectKind.Completed);
        if (discard)
        {
            _discarding = true;
            DropReady();
            DropDelayed();
        }

        Balance(now);
    }

    /// <summary>Everyone who waits is told, everything stored is gone, every lease is void.</summary>
    public void Delete()
    {
        _closed = _deleted = true;
        foreach (var waiter in _attachments.SelectMany(attachment => attachment.Waiters.Values).ToArray())
        {
            Answer(waiter, EffectKind.Deleted);
        }

        DropReady();
        DropDelayed();
        foreach (var hold in _holds.InUse.ToArray())
        {
            Drop(Remove(hold));
        }

        DropDead();
    }

    /// <summary>Removes what is ready, and says how many.</summary>
    public int Clear(long now)
    {
        var count = DropReady();
        Balance(now);
        return count;
    }

    /// <summary>The oldest dead first.</summary>
    public IReadOnlyList<DeadLetter> GetDead(int max) => [.. _dead.Take(max)];

    /// <summary>How many are dead.</summary>
    public int Dead => _dead.Count;

    /// <summary>All that is dead is ready again, at its own place, with no failures on its account.</summary>
    public int Redrive(long now)
    {
        var count = _dead.Count;
        while (_dead.Count > 0)
        {
            RestoreChanged(TakeOldestDead().WithFailures(0));
        }

        Balance(now);
        return count;
    }

    /// <summary>The same of those dead items that have one of these sequence numbers.</summary>
    public int Redrive(IReadOnlySet<long> sequences, long now)
    {
        var some = TakeDead(sequences);
        foreach (var item in some)
        {
            RestoreChanged(item.WithFailures(0));
        }

        Balance(now);
        return some.Count;
    }

    public int DeleteDead(long now)
    {
        var count = DropDead();
        Balance(now);
        return count;
    }

    /// <summary>Removes those dead items that have one of these sequence numbers.</summary>
    public int DeleteDead(IReadOnlySet<long> sequences, long now)
    {
        var some = TakeDead(sequences);
        foreach (var item in some)
        {
            Drop(item);
        }

        Balance(now);
        return some.Count;
    }

    /// <summary>
    /// Other settings from now on. What is there stays, and so do the leases that are given; more room lets waiting puts in at once. A waiting put that can
    /// never fit any more ends with NeverFits, and what was accepted of it.
    /// </summary>
    public void Update(QueueSettings settings, long now)
    {
        Settings = settings with { MaxDead = Settings.MaxDead };
        Remember(new Change(ChangeKind.Updated, Settings: Settings));
        for (var put = _puts.First; put is not null;)
        {
            var next = put.Next;
            if (Settings.MaxBytes > 0 && put.Batch.LargestItemBytes() > Settings.MaxBytes)
            {
                Answer(put, EffectKind.NeverFits);
            }

            put = next;
        }

        Balance(now);
    }

    /// <summary>What clients hold of it, what was delivered longest ago first; without what readers took ahead.</summary>
    public IReadOnlyList<Holding> GetHeld(int max, long now) =>
    [
        .. _holds.InUse.Where(hold => hold.State == HoldState.Held).OrderBy(hold => hold.Since).ThenBy(hold => hold.Item.Sequence).Take(max)
            .Select(hold => new Holding(hold.Item, hold.Owner!, now - hold.Since, hold.Deadline == Timed.Never ? -1 : Math.Max(0, hold.Deadline - now), hold.InHand)),
    ];

    public QueueCounts Count(long now) => new()
    {
        Ready = Ready,
        Delayed = _holds.Delayed,
        Held = Held,
        Dead = _dead.Count,
        Bytes = _bytes,
        WaitingGets = _gets.Count,
        WaitingPuts = _puts.Count,
        WaitingJoins = _joins.Count,
        OldestAge = Ready > 0 ? now - OldestPutAt : 0,
        TotalPut = _lastSequence,
        TotalTaken = _taken,
        TotalDropped = _dropped,
        IsClosed = _closed,
        IsCompleted = _closed && IsFinished,
    };

    /// <summary>What one client holds and waits for.</summary>
    public AttachmentCounts CountOf(Attachment who)
    {
        var (held, gets, puts, joins) = (who.Holds, 0, 0, 0);
        foreach (var waiter in who.Waiters.Values)
        {
            held += (waiter as Subscription)?.Taken.Count ?? 0;
            gets += waiter.Line == _gets ? 1 : 0;
            puts += waiter.Line == _puts ? 1 : 0;
            joins += waiter.Line == _joins ? 1 : 0;
        }

        return new AttachmentCounts(held, gets, puts, joins);
    }

    public QueueTotals Totals => _totals with { Put = _lastSequence, Acked = _taken };

    private int DropReady()
    {
        var count = Ready;
        while (_returned.TryDequeue(out var item, out _))
        {
            Drop(item);
        }

        while (_fresh.Count > 0)
        {
            Drop(_fresh.Dequeue(int.MaxValue, long.MaxValue));
        }

        DropFar();
        return count;
    }

    private int DropDead()
    {
        var count = _dead.Count;
        while (_dead.Count > 0)
        {
            Drop(TakeOldestDead());
        }

        return count;
    }

    private List<Item> TakeDead(IReadOnlySet<long> sequences)
    {
        var taken = new List<Item>();
        for (var left = _dead.Count; left > 0; left--)
        {
            var letter = _dead.Dequeue();
            if (sequences.Contains(letter.Item.Sequence))
            {
                budget.GiveBack(MemoryFor(letter.Reason));
                taken.Add(letter.Item);
            }
            else
            {
                _dead.Enqueue(letter);
            }
        }

        return taken;
    }

    private void DropDelayed()
    {
        foreach (var hold in _holds.InUse.Where(hold => hold.State == HoldState.Delayed).ToArray())
        {
            Drop(Remove(hold));
        }
    }

    /// <summary>The rules, after every step. The messages are the specification.</summary>
    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(_lastSequence == _taken + Ready + _holds.Delayed + Held + _dead.Count + _dropped, "Accepted = gone + ready + delayed + held + dead + cleared");
        Debug.Assert(Here == 0 || _gets.Count == 0, "Items here ⇒ no waiting get");
        Debug.Assert(Ready > 0 || _overdue == 0, "Nothing ready ⇒ no get waits beyond its time");
        Debug.Assert(_far.Count == 0 || !_far.First.IsHere, "What is here and next can be delivered");
        Debug.Assert(_askedRuns == 0 || _far.First.First.Sequence == _asked.First, "What was asked for comes next");
        Debug.Assert(_puts.First is not { } put || IsStarved || !HasRoom(put.Batch), "Room ⇒ no waiting put");
        Debug.Assert(!_closed || _puts.Count == 0, "A closed queue has no waiting put");
        Debug.Assert(!(_closed && IsFinished) || _gets.Count + _shut.Count == 0, "A completed queue has no waiting get, and no reader");
        Debug.Assert(!IsFinished || _joins.Count == 0, "Nothing unfinished ⇒ no waiting join");
        Debug.Assert(_fresh.Count == 0 || _returned.Count == 0 || _returned.Peek().Sequence < _fresh.First.Sequence, "First deliveries are in sequence order");
        foreach (var who in _attachments)
        {
            Debug.Assert(who.Share.Holds >= who.Holds && who.Share.MayHold >= 0, "No client holds more than it may");
        }

        Debug.Assert(_bytes >= 0, "No byte is freed twice");
    }
}
