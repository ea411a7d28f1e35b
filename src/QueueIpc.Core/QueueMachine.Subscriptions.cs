namespace QueueIpc.Core;

internal sealed partial class QueueMachine
{
    /// <summary>So many bytes of one run are delivered to a subscription at a time: about as much as goes in one frame.</summary>
    public const int RunBytesMax = 60 * 1024;

    /// <summary>
    /// Delivers items as they come, ahead of what the reader asks for, within the window. Ends with one answer:
    /// Completed, Deleted or Cancelled; what was not confirmed by then goes back. TooManyHeld is the answer to a client that holds as many items as it may;
    /// one that comes to hold so many later is sent nothing until it has settled some.
    /// </summary>
    public void Subscribe(Attachment who, ulong request, bool lease, int windowItems, long windowBytes, long now, bool canReturn = false)
    {
        if (_deleted || (_closed && IsFinished))
        {
            _effects.Add(new Effect(_deleted ? EffectKind.Deleted : EffectKind.Completed, who, request));
            return;
        }

        if (who.Share.IsFull)
        {
            _effects.Add(new Effect(EffectKind.TooManyHeld, who, request));
            return;
        }

        var subscription = new Subscription
        {
            Kind = WaiterKind.Subscription,
            Lease = lease,
            WindowItems = windowItems,
            WindowBytes = windowBytes,
            CanReturn = canReturn,
            Owner = who,
            Request = request,
        };
        who.Begin(subscription);
        StandInLine(subscription);
        Balance(now);
    }

    /// <summary>
    /// The reader has handed over all items up to the <paramref name="confirmed"/>-th since the subscription began, and sets its window anew.
    /// False when that is more than it was sent. A subscription that has ended by itself is past caring.
    /// </summary>
    public bool Advance(Attachment who, ulong request, ulong confirmed, int windowItems, long now)
    {
        if (FindSubscription(who, request) is not { } subscription)
        {
            return true;
        }

        if (!IsSent(subscription, confirmed))
        {
            return false;
        }

        ConfirmUpTo(subscription, confirmed);
        subscription.WindowItems = windowItems;
        subscription.IsRecalled = false;
        StandInLine(subscription);
        Balance(now);
        return true;
    }

    /// <summary>
    /// The reader was recalled: it has handed over all items up to the <paramref name="confirmed"/>-th, and those behind that up to the
    /// <paramref name="last"/>-th go back, and will not be handed over. False when that is more than it was sent.
    /// </summary>
    public bool Return(Attachment who, ulong request, ulong confirmed, ulong last, long now)
    {
        if (FindSubscription(who, request) is not { } subscription)
        {
            return true;
        }

        if (!IsSent(subscription, confirmed) || !IsSent(subscription, last) || last < confirmed)
        {
            return false;
        }

        ConfirmUpTo(subscription, confirmed);
        ReturnAhead(subscription, (int)(last - confirmed));
        subscription.IsRecalled = false;
        StandInLine(subscription);
        Balance(now);
        return true;
    }

    /// <summary>The first item that the reader has not confirmed cannot be read: it is dead. False when there is no such item.</summary>
    public bool RejectNext(Attachment who, ulong request, string reason, long now)
    {
        if (FindSubscription(who, request) is not { Taken.Count: > 0 } subscription)
        {
            return false;
        }

        var item = subscription.Taken.Dequeue();
        subscription.Confirmed++;
        subscription.UnconfirmedBytes -= item.StoredBytes;
        LeaveTaken(subscription, 1);
        Bury(item, reason, now);
        StandInLine(subscription);
        Balance(now);
        return true;
    }

    /// <summary>
    /// What a client that has ended had done before it could say so: its reader had handed over these leases, and these were acked. Others that it was sent were never in anybody's hands.
    /// Answers how many were acked. What the client does not hold is left alone.
    /// </summary>
    public int Learn(Attachment who, ulong request, IReadOnlyList<ulong> handedOver, IReadOnlyList<ulong> acked, long now)
    {
        if (FindSubscription(who, request) is not { Lease: true })
        {
            return 0;
        }

        foreach (var token in handedOver)
        {
            if (_holds.Find(token, who) is { } hold)
            {
                hold.InHand = true;
            }
        }

        return acked.Count(token => Ack(who, token, now));
    }

    private static Subscription? FindSubscription(Attachment who, ulong request) =>
        who.Waiters.TryGetValue(request, out var waiter) ? waiter as Subscription : null;

    /// <summary>Whether the number is that of an item that is sent and not confirmed, or of the last one that is confirmed.</summary>
    private static bool IsSent(Subscription subscription, ulong number) =>
        number >= subscription.Confirmed && number - subscription.Confirmed <= (ulong)subscription.Unconfirmed;

    private void StandInLine(Subscription subscription)
    {
        CountStandingStill(subscription);
        var line = subscription.HasRoom ? _gets : _shut;
        if (subscription.Line != line)
        {
            subscription.Line?.Leave(subscription);
            line.Join(subscription);
        }
    }

    private void LeaveTaken(Subscription subscription, int count)
    {
        _takenHeld -= count;
        _mayFeedAgain |= subscription.Owner.Share.IsFull;
        subscription.Owner.Share.Holds -= count;
    }

    /// <summary>A client that held as many items as it may holds fewer: its readers stand in line again.</summary>
    private void StandInLineAgain()
    {
        _mayFeedAgain = false;
        for (var waiter = _shut.First; waiter is not null;)
        {
            var next = waiter.Next;
            StandInLine((Subscription)waiter);
            waiter = next;
        }
    }

    private void CountStandingStill(Subscription subscription)
    {
        if (subscription.StandsStill != subscription.MayBeRecalled)
        {
            subscription.StandsStill = !subscription.StandsStill;
            _standingStill += subscription.StandsStill ? 1 : -1;
        }
    }

    /// <summary>Somebody wants an item, and none is ready: what lies unused at readers who stand still should come back.</summary>
    private void Recall()
    {
        for (var waiter = _shut.First; waiter is not null && _standingStill > 0; waiter = waiter.Next)
        {
            if (waiter is Subscription { StandsStill: true } subscription)
            {
                _effects.Add(new Effect(EffectKind.Recall, subscription.Owner, subscription.Request));
                subscription.IsRecalled = true;
                CountStandingStill(subscription);
            }
        }
    }

    /// <summary>Gives the first in line its share of what is ready, and sends it to the end of the line, or out of it.</summary>
    private void Feed(Subscription subscription, int share, long now)
    {
        while (share > 0 && Here > 0 && subscription.HasRoom)
        {
            share -= subscription.Lease ? FeedLease(subscription, share, now) : FeedTaken(subscription, share);
        }

        _gets.Leave(subscription);
        StandInLine(subscription);
    }

    private int FeedLease(Subscription subscription, int share, long now)
    {
        var run = NextFor(subscription, share);
        foreach (var item in run)
        {
            var hold = HoldFor(subscription.Owner, item, lease: true, inHand: false, now);
            subscription.Leased.Enqueue((hold.Token, item.StoredBytes));
            _effects.Add(new Effect(EffectKind.Delivered, subscription.Owner, subscription.Request, 1, new ItemRun(item), hold.Token, Lease: true, Ahead: true));
        }

        return run.Count;
    }

    private int FeedTaken(Subscription subscription, int share)
    {
        var run = NextFor(subscription, share);
        subscription.Taken.Enqueue(run);
        _takenHeld += run.Count;
        subscription.Owner.Share.Holds += run.Count;
        _totals.Delivered += run.Count;
        _effects.Add(new Effect(EffectKind.Delivered, subscription.Owner, subscription.Request, run.Count, run, Ahead: true));
        return run.Count;
    }

    /// <summary>What lies together is sent together, as far as the reader has room.</summary>
    private ItemRun NextFor(Subscription subscription, int share)
    {
        var countMax = Math.Min(Math.Min(share, subscription.WindowItems - subscription.Unconfirmed), subscription.Owner.Share.MayHold);
        var bytes = Math.Min(subscription.WindowBytes - subscription.UnconfirmedBytes, RunBytesMax);
        var run = _returned.Count > 0 ? new ItemRun(_returned.Dequeue()) : _fresh.Dequeue(countMax, bytes);
        subscription.UnconfirmedBytes += run.StoredBytes;
        return run;
    }

    private void ConfirmUpTo(Subscription subscription, ulong confirmed)
    {
        while (subscription.Confirmed < confirmed)
        {
            Confirm(subscription, (int)(confirmed - subscription.Confirmed));
        }
    }

    /// <summary>Confirms some of the oldest items, up to so many.</summary>
    private void Confirm(Subscription subscription, int countMax)
    {
        if (!subscription.Lease)
        {
            var run = subscription.Taken.Dequeue(countMax, long.MaxValue);
            subscription.Confirmed += (ulong)run.Count;
            subscription.UnconfirmedBytes -= run.StoredBytes;
            LeaveTaken(subscription, run.Count);
            _taken += run.Count;
            RememberGone(ChangeKind.Taken, run.First.Sequence, run.Count);
            Free(run);
            return;
        }

        subscription.Confirmed++;
        var (token, bytes) = subscription.Leased.Dequeue();
        subscription.UnconfirmedBytes -= bytes;
        if (_holds.Find(token, subscription.Owner) is { } hold)
        {
            hold.InHand = true;
        }
    }

    /// <summary>So many of the oldest items that are not confirmed go back, and count as dealt with in the numbers that follow.</summary>
    private void ReturnAhead(Subscription subscription, int count)
    {
        subscription.Confirmed += (ulong)count;
        for (; count > 0; count--)
        {
            if (!subscription.Lease)
            {
                var item = subscription.Taken.Dequeue();
                subscription.UnconfirmedBytes -= item.StoredBytes;
                LeaveTaken(subscription, 1);
                _totals.Unread++;
                Restore(item);
                continue;
            }

            var (token, bytes) = subscription.Leased.Dequeue();
            subscription.UnconfirmedBytes -= bytes;
            if (_holds.Find(token, subscription.Owner) is { InHand: false } hold)
            {
                _totals.Unread++;
                Restore(Remove(hold));
            }
        }
    }
}
