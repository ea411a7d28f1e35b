namespace QueueIpc.Core;

internal sealed partial class QueueMachine
{
    /// <summary>
    /// Accepts the batch's items in order, as there is room, waiting until <paramref name="deadline"/>. Answered once:
    /// Accepted, Full, NeverFits, Completed, Deleted or Cancelled. An empty batch waits until there is room, and takes none.
    /// </summary>
    public void Put(Attachment who, ulong request, ItemBatch batch, long deadline, long now)
    {
        if (_deleted || _closed)
        {
            _effects.Add(new Effect(_deleted ? EffectKind.Deleted : EffectKind.Completed, who, request));
            return;
        }

        if (Settings.MaxBytes > 0 && batch.LargestItemBytes() > Settings.MaxBytes)
        {
            _effects.Add(new Effect(EffectKind.NeverFits, who, request));
            return;
        }

        var count = batch.Remaining;
        while (_puts.Count == 0 && TryAccept(ref batch, now))
        {
            ServeGets(now);
            if (batch.Remaining == 0)
            {
                _effects.Add(new Effect(EffectKind.Accepted, who, request, count));
                AssertInvariants();
                return;
            }
        }

        var accepted = count - batch.Remaining;
        if (deadline <= now)
        {
            _effects.Add(new Effect(EffectKind.Full, who, request, accepted));
            return;
        }

        var waiter = Rent(WaiterKind.Put);
        waiter.Batch = batch;
        waiter.Accepted = accepted;
        Wait(waiter, _puts, who, request, deadline);
        AssertInvariants();
    }

    /// <summary>Lets waiting puts in, first come first served. Answers whether anything new is ready.</summary>
    private bool AdmitPuts(long now)
    {
        var admitted = false;
        while (_puts.First is { } waiter)
        {
            var before = waiter.Batch.Remaining;
            if (!TryAccept(ref waiter.Batch, now))
            {
                break;
            }

            var taken = before - waiter.Batch.Remaining;
            waiter.Accepted += taken;
            admitted |= taken > 0;
            if (waiter.Batch.Remaining > 0)
            {
                break;
            }

            Answer(waiter, EffectKind.Accepted);
        }

        return admitted;
    }

    /// <summary>Accepts as many items as there is room for; false when there is room for none.</summary>
    private bool TryAccept(ref ItemBatch batch, long now)
    {
        if (batch.Remaining == 0)
        {
            return HasRoom(0);
        }

        var before = batch.Remaining;
        while (batch.Remaining > 0 && HasRoom(batch.NextStoredBytes) && TakeMemory(batch.NextStoredBytes))
        {
            _bytes += batch.NextStoredBytes;
            _fresh.Enqueue(batch.Take(++_lastSequence, now));
        }

        return batch.Remaining < before;
    }

    private bool HasRoom(int bytes) =>
        (Settings.Capacity == 0 || Ready + _holds.Delayed < Settings.Capacity)
        && (Settings.MaxBytes == 0 || _bytes + bytes <= Settings.MaxBytes);

    private bool TakeMemory(int bytes)
    {
        IsStarved = !budget.TryTake(bytes + ItemOverheadBytes);
        return !IsStarved;
    }
}
