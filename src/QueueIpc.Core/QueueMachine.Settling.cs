namespace QueueIpc.Core;

/// <summary>Every verb here is false for a token that is not, or is no longer, held by the caller: nothing has changed then.</summary>
internal sealed partial class QueueMachine
{
    /// <summary>The item is done with: a lease is acked, or the receipt of a taken item is confirmed.</summary>
    public bool Ack(Attachment who, ulong token, long now)
    {
        if (_holds.Find(token, who) is not { } hold)
        {
            return false;
        }

        _taken++;
        RememberGone(ChangeKind.Taken, hold.Item.Sequence, 1);
        Free(Remove(hold));
        Balance(now);
        return true;
    }

    /// <summary>The consumer failed with the item: back to its own place, after <paramref name="delay"/>, or dead if that was too often, and then for its reason.</summary>
    public bool Nack(Attachment who, ulong token, long delay, long now, string reason = "its consumers failed with it")
    {
        if (_holds.Find(token, who) is not { } hold)
        {
            return false;
        }

        _totals.Nacked++;
        var failures = hold.Item.Failures + 1;
        var dies = Settings.MaxFailures > 0 && failures >= Settings.MaxFailures;
        if (delay > 0 && !dies && !_discarding)
        {
            var delayed = Delay(Remove(hold).WithFailures(failures).Compact(), After(now, delay));
            Remember(Change.OfItem(ChangeKind.Delayed, delayed.Item, delayed.Deadline));
            Balance(now);
        }
        else
        {
            GiveBack(hold, failed: true, reason, now);
            Balance(now);
        }

        return true;
    }

    /// <summary>Back to its own place, and nobody's failure.</summary>
    public bool Release(Attachment who, ulong token, long now)
    {
        if (_holds.Find(token, who) is not { } hold)
        {
            return false;
        }

        _totals.Released++;
        GiveBack(hold, failed: false, string.Empty, now);
        Balance(now);
        return true;
    }

    /// <summary>The lease ends no sooner than after <paramref name="duration"/> from now.</summary>
    public bool Extend(Attachment who, ulong token, long duration, long now)
    {
        if (_holds.Find(token, who) is not { Lease: true } hold)
        {
            return false;
        }

        if (After(now, duration) is var deadline && deadline > hold.Deadline)
        {
            _deadlines.Change(hold, deadline);
        }

        return true;
    }

    public bool DeadLetter(Attachment who, ulong token, string reason, long now)
    {
        if (_holds.Find(token, who) is not { } hold)
        {
            return false;
        }

        Bury(Remove(hold), reason, now);
        Balance(now);
        return true;
    }

    private Hold Delay(in Item item, long until)
    {
        budget.Take(HoldOverheadBytes);
        var delayed = _holds.AddDelayed(item);
        _deadlines.Add(delayed, until);
        return delayed;
    }

    private void GiveBack(Hold hold, bool failed, string reason, long now)
    {
        var item = Remove(hold);
        if (failed)
        {
            Fail(item, reason, now);
        }
        else
        {
            Restore(item);
        }
    }

    private Item Remove(Hold hold)
    {
        _deadlines.Remove(hold);
        _mayFeedAgain |= hold.Owner is { Share.IsFull: true };
        budget.GiveBack(HoldOverheadBytes);
        return _holds.Remove(hold);
    }
}
