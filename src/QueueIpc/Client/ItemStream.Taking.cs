using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>How a consumer takes what was sent ahead: one item after the other, each handed over once.</summary>
internal sealed partial class ItemStream<T>
{
    /// <summary>Hands over the next item, if one is here. One thread at a time: items are confirmed in their order.</summary>
    public bool TryTake(out T item) => TryTake(out item, out _);

    /// <summary>Hands over the next item with its lease, if one is here.</summary>
    public bool TryTakeLease(out QueueLease<T> lease)
    {
        if (TryTake(out var item, out var delivered))
        {
            lease = new QueueLease<T>(_leases!, delivered, item);
            return true;
        }

        lease = null!;
        return false;
    }

    /// <summary>
    /// Not under the lock: it takes as long as it takes, and opens the queues inside the item, for which the connection must be read. False when the item
    /// went back meanwhile: whether it can be read is somebody else's affair.
    /// </summary>
    private bool TryUnpack(in DeliveredItem delivered, ulong number, out T item)
    {
        try
        {
            item = _codec.Unpack(delivered.Bytes, delivered.IsNull);
            return true;
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                ThrowIfBroken();
                item = default!;
                return _current.IsOver(number) ? false : throw Reject(delivered, number, e);
            }
        }
    }

    private bool TryTake(out T item, out DeliveredItem delivered)
    {
        ulong number;
        do
        {
            if ((_current.Items.Remaining == 0 || _current.IsOver(_current.Last)) && !TakeNextChunk())
            {
                (item, delivered) = (default!, default);
                return false;
            }

            number = _current.NextNumber;
            delivered = _current.Items.Next();
        }
        while (!TryUnpack(delivered, number, out item) || !TryHandOver(number));

        _record?.HandedOver(delivered.Token);
        if (delivered.HasNote && !_lease && Telemetry.Source.HasListeners())
        {
            Operation.HandedOver(_queue, delivered);
        }

        if (!_confirmScheduled || number >= Volatile.Read(ref _advanceAt) || (_lease && _current.Items.Remaining == 0))
        {
            ConfirmInTime(number);
        }

        return true;
    }

    /// <summary>False when the item went back meanwhile.</summary>
    private bool TryHandOver(ulong number)
    {
        var isKept = _leases?.TryBegin() != false;
        if (isKept && _current.HandOver.TryNext(number))
        {
            return true;
        }

        if (isKept)
        {
            _leases?.End();
        }

        if (_current.HandOver.IsClosed)
        {
            // Ended or interrupted meanwhile: it was not confirmed, and went back.
            ThrowIfBroken();
        }

        return false;
    }

    /// <summary>Only who takes items does this: what it reads from is its own, even when the reader is stopped meanwhile.</summary>
    private bool TakeNextChunk()
    {
        lock (_lock)
        {
            _leases?.Close();
            _current.GiveBack();
            ThrowIfBroken();
            if (!_chunks.TryDequeue(out _current))
            {
                _taken = default;
                return false;
            }

            _taken = _current.Items;
            _wakePatience = WakeMicros;

            if (_lease)
            {
                _leases = _current.Leases ?? new LeaseGroup(_queue, _current.Items.Remaining, SentAfterNeedsLock(), this);
            }

            if (_arrivedWhileWaiting)
            {
                // How long it took to wake up says nothing about how fast the consumer is.
                _arrivedWhileWaiting = false;
                _busySince = _queue.Connection.Clock.Now;
            }

            return true;
        }
    }
}
