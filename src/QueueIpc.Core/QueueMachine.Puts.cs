namespace QueueIpc.Core;

internal sealed partial class QueueMachine
{
    /// <summary>Items that come together in a buffer of up to this size stay together in it.</summary>
    private const int SharedBytesMax = 128 * 1024;

    /// <summary>
    /// Accepts the batch's items in order, as there is room, waiting until <paramref name="deadline"/>. Answered once:
    /// Accepted, Full, NeverFits, Completed, Deleted or Cancelled. An empty batch waits until there is room, and takes none.
    /// Where items are numbered, those that were accepted before are not accepted again.
    /// </summary>
    public void Put(Attachment who, ulong request, ItemBatch batch, long deadline, long now, PutNumber number = default)
    {
        var count = batch.Count;
        var wasRefused = SkipAccepted(ref batch, ref number);
        if (count > 0 && batch.Count == 0)
        {
            _effects.Add(new Effect(EffectKind.Accepted, who, request, count));
            return;
        }

        if (_deleted || _closed)
        {
            _effects.Add(new Effect(_deleted ? EffectKind.Deleted : EffectKind.Completed, who, request, count - batch.Count));
            return;
        }

        if (Settings.MaxBytes > 0 && batch.LargestItemBytes() > Settings.MaxBytes)
        {
            _effects.Add(new Effect(EffectKind.NeverFits, who, request, count - batch.Count));
            return;
        }

        if (wasRefused)
        {
            _effects.Add(new Effect(EffectKind.Full, who, request, count - batch.Count));
            return;
        }

        while (_puts.Count == 0 && TryAccept(ref batch, ref number, now))
        {
            ServeGets(now);
            if (batch.Count == 0)
            {
                _effects.Add(new Effect(EffectKind.Accepted, who, request, count));
                AssertInvariants();
                return;
            }
        }

        var accepted = count - batch.Count;
        if (deadline <= now)
        {
            _effects.Add(new Effect(EffectKind.Full, who, request, accepted));
            return;
        }

        var waiter = Rent(WaiterKind.Put);
        waiter.Batch = batch;
        waiter.Number = number;
        who.WaitingPuts?.Began(batch.Buffer.Length);
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
            var (rest, number) = (waiter.Batch, waiter.Number);
            SkipAccepted(ref rest, ref number);
            if ((rest.Count > 0 || waiter.Batch.Count == 0) && !TryAccept(ref rest, ref number, now))
            {
                break;
            }

            var taken = waiter.Batch.Count - rest.Count;
            (waiter.Batch, waiter.Number) = (rest, number);
            waiter.Accepted += taken;
            admitted |= taken > 0;
            if (rest.Count > 0)
            {
                break;
            }

            Answer(waiter, EffectKind.Accepted);
        }

        return admitted;
    }

    /// <summary>Accepts as many items as there is room for; false when there is room for none.</summary>
    private bool TryAccept(ref ItemBatch batch, ref PutNumber number, long now)
    {
        if (batch.Count == 0)
        {
            return HasRoom(batch);
        }

        var accepted = TakeMemory(batch.Fitting(PlacesLeft, BytesLeft));
        if (accepted.Count == 0)
        {
            return false;
        }

        _bytes += accepted.StoredBytes;
        if (accepted.Count > 1 && accepted.Buffer.Length > SharedBytesMax)
        {
            EnqueueApart(accepted, now);
        }
        else
        {
            Enqueue(ItemRun.Accept(accepted, _lastSequence + 1, now));
        }

        RememberAccepted(number, accepted.Count, now);
        (batch, number) = (batch.Behind(accepted), number.IsGiven ? number.Behind(accepted.Count) : number);
        return true;
    }

    /// <summary>In a large buffer, a small item that stays could keep a very large neighbour in memory.</summary>
    private void EnqueueApart(ItemBatch accepted, long now)
    {
        while (accepted.Count > 0)
        {
            var one = accepted.Fitting(1, long.MaxValue);
            Enqueue(new ItemRun(ItemRun.Accept(one, _lastSequence + 1, now).First.Compact()));
            accepted = accepted.Behind(one);
        }
    }

    private void Enqueue(in ItemRun accepted)
    {
        var isKept = Keeps(accepted);
        EnqueueLast(accepted, isKept);
        PutAwayBytes += isKept ? 0 : MemoryFor(accepted.Items) - AwayRunBytes;
        _lastSequence += accepted.Count;
        if (_changes is not null)
        {
            Remember(new Change(ChangeKind.Accepted, accepted.First.Sequence, accepted.Count, accepted));
        }
    }

    private int PlacesLeft => Settings.Capacity == 0 ? int.MaxValue : Math.Max(0, Settings.Capacity - Ready - _holds.Delayed);

    private long BytesLeft => Settings.MaxBytes == 0 ? long.MaxValue : Settings.MaxBytes - _bytes;

    /// <summary>Whether one item of the batch could be accepted; of an empty batch, whether there is a place.</summary>
    private bool HasRoom(in ItemBatch batch) => PlacesLeft > 0 && (batch.Count == 0 ? 0 : batch.FirstStoredBytes) <= BytesLeft;

    /// <summary>Takes memory for as many of these items as there is some.</summary>
    private ItemBatch TakeMemory(in ItemBatch wanted)
    {
        IsStarved = false;
        if (budget.TryTake(MemoryFor(wanted)))
        {
            return wanted;
        }

        var taken = 0;
        for (var rest = wanted; rest.Count > 0 && TakeMemoryForFirst(rest); rest = rest.Behind(rest.Fitting(1, long.MaxValue)))
        {
            taken++;
        }

        return wanted.Fitting(taken, long.MaxValue);
    }

    private bool TakeMemoryForFirst(in ItemBatch batch)
    {
        IsStarved = !budget.TryTake(batch.FirstStoredBytes + ItemOverheadBytes);
        return !IsStarved;
    }
}
