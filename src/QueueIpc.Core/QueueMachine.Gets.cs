namespace QueueIpc.Core;

internal sealed partial class QueueMachine
{
    /// <summary>One get is answered with so many bytes at most, or one item.</summary>
    public const long DeliveryBytesMax = 1 << 20;

    /// <summary>One get is answered with so many items at most: empty ones are no bytes, and still have to travel.</summary>
    public const int DeliveryItemsMax = 65_536;

    /// <summary>
    /// Delivers one to <paramref name="maxItems"/> items as soon as there is one. Answered once: with items that come in one
    /// row, or Empty, Completed, Deleted or Cancelled; or TooManyHeld, also when it is its turn and others have got as many as the client may hold.
    /// What is delivered is held until it is settled.
    /// </summary>
    public void Get(Attachment who, ulong request, bool lease, int maxItems, long deadline, long now)
    {
        if (_deleted)
        {
            _effects.Add(new Effect(EffectKind.Deleted, who, request));
        }
        else if (who.Share.IsFull)
        {
            _effects.Add(new Effect(EffectKind.TooManyHeld, who, request));
        }
        else if (Here > 0)
        {
            Deliver(who, request, lease, maxItems, now);
            Balance(now);
        }
        else if (_closed && IsFinished)
        {
            _effects.Add(new Effect(EffectKind.Completed, who, request));
        }
        else
        {
            if (Ready == 0)
            {
                Recall();
            }

            if (deadline <= now && Ready == 0)
            {
                _effects.Add(new Effect(EffectKind.Empty, who, request));
                return;
            }

            var waiter = Rent(WaiterKind.Get);
            waiter.Lease = lease;
            waiter.MaxItems = maxItems;
            Wait(waiter, _gets, who, request, deadline <= now ? Timed.Never : deadline);
            if (deadline <= now)
            {
                BecomeOverdue(waiter);
            }

            AssertInvariants();
        }
    }

    /// <summary>
    /// The first items that are ready, in order, and they stay where they are: so many at most, and so many bytes unless it is one alone.
    /// False while they are on their way: the caller tries again when something has arrived.
    /// </summary>
    public bool TryPeek(int maxItems, long maxBytes, out IReadOnlyList<Item> items)
    {
        var seen = new List<Item>();
        long bytes = 0;
        items = seen;
        var returned = maxItems == 1 && _returned.Count > 0 ? [_returned.Peek()] : _returned.UnorderedItems.OrderBy(it => it.Priority).Select(it => it.Element);
        foreach (var item in returned.Concat(_fresh.Items).Take(Math.Min(maxItems, DeliveryItemsMax)))
        {
            bytes += item.StoredBytes;
            if (seen.Count > 0 && bytes > maxBytes)
            {
                return true;
            }

            seen.Add(item);
        }

        if (_far.Count == 0 || seen.Count >= Math.Min(maxItems, DeliveryItemsMax))
        {
            return true;
        }

        _isPeeked = Here == 0;
        return !_isPeeked && _askedRuns == 0;
    }

    private long OldestPutAt => (_returned.Count > 0 ? _returned.Peek() : _fresh.Count > 0 ? _fresh.First : _far.First.First).PutAt;

    private void ServeGets(long now)
    {
        // Round by round: everyone in line has one turn, before those who joined it again have another.
        for (var turns = _gets.Count; Here > 0 && _gets.First is { } waiter; turns = turns > 1 ? turns - 1 : _gets.Count)
        {
            if (waiter is Subscription subscription)
            {
                Feed(subscription, Math.Max(Here / turns, subscription.LeastShare), now);
                continue;
            }

            if (waiter.Owner.Share.IsFull)
            {
                Answer(waiter, EffectKind.TooManyHeld);
                continue;
            }

            Deliver(waiter.Owner, waiter.Request, waiter.Lease, waiter.MaxItems, now);
            End(waiter);
        }
    }

    private void Deliver(Attachment who, ulong request, bool lease, int maxItems, long now)
    {
        long bytes = 0;
        var countMax = Math.Min(Math.Min(maxItems, who.Share.MayHold), DeliveryItemsMax);
        for (var count = 0; count < countMax && Here > 0; count++)
        {
            bytes += NextReadyBytes;
            if (count > 0 && bytes > DeliveryBytesMax)
            {
                break;
            }

            // A lease that is asked for singly counts as in hand from here on: the consumer waits for it.
            var hold = HoldFor(who, TakeReady(), lease, inHand: lease, now);
            _effects.Add(new Effect(EffectKind.Delivered, who, request, 1, new ItemRun(hold.Item), hold.Token, lease));
        }
    }

    private int NextReadyBytes => (_returned.Count > 0 ? _returned.Peek() : _fresh.First).StoredBytes;

    private Item TakeReady() => _returned.Count > 0 ? _returned.Dequeue() : _fresh.Dequeue();

    private Hold HoldFor(Attachment who, in Item item, bool lease, bool inHand, long now)
    {
        _totals.Delivered++;
        budget.Take(HoldOverheadBytes);
        var hold = _holds.AddHeld(item, who, lease, inHand);
        hold.Since = now;
        _deadlines.Add(hold, lease && LeaseTimeOf(who) is > 0 and var time ? After(now, time) : Timed.Never);
        return hold;
    }

    /// <summary>A client knows the LeaseTime of when it opened the queue, and extends in time for that: a shorter one holds for those who open it afterwards.</summary>
    private long LeaseTimeOf(Attachment who) => who.LeaseTime == 0 || Settings.LeaseTime == 0 ? 0 : Math.Max(who.LeaseTime, Settings.LeaseTime);

    private static long After(long now, long duration) => duration >= Timed.Never - now ? Timed.Never : now + duration;
}
