using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>How far ahead a reader reads, and what it confirms when: this is all that it sends while it reads.</summary>
internal sealed partial class ItemStream<T>
{
    public bool TryAck(ulong token)
    {
        lock (_lock)
        {
            if (_stopped || _interrupted || _end != StreamEnd.NotYet || _acks.Count >= LeaseRecord.UnsentMax)
            {
                return false;
            }

            _acks.Add(token);
            _record?.Acked(token);
            if (!_confirmScheduled)
            {
                ScheduleConfirm(_queue.Connection.Clock.Now + AheadMicros);
            }

            return true;
        }
    }

    /// <summary>The consumer has been busy with what it got for a while: that much is confirmed, and nothing more is read ahead.</summary>
    public override void OnDue(long now)
    {
        lock (_lock)
        {
            _confirmScheduled = false;
            var isWaiting = _arrival is not null || !_windowOpen;
            if (_end != StreamEnd.NotYet || _stopped || _interrupted || (isWaiting && _handOver.Count == _confirmed && _acks.Count == 0))
            {
                return;
            }

            var patience = _arrivedWhileWaiting ? _wakePatience : AheadMicros;
            if (now - _busySince < patience)
            {
                ScheduleConfirm(_busySince + patience);
                return;
            }

            if (_lease)
            {
                KeepRestAlive();
            }

            // Where several share a reader, one may be busy for long while another waits.
            Advance(_arrival is null ? 0 : _window);
        }

        _queue.Connection.FlushSoon();
    }

    /// <summary>What is behind a consumer that is busy for long is kept for it until somebody else wants it.</summary>
    private void KeepRestAlive()
    {
        if (_current.Items.Remaining > 0 && _leases is { KeepsRest: false })
        {
            _leases.KeepRest(_taken.Tokens());
        }

        for (var i = 0; i < _chunks.Count; i++)
        {
            var chunk = _chunks.Dequeue();
            chunk.Leases ??= new LeaseGroup(_queue, chunk.Items.Remaining, SentAfterNeedsLock(), this, chunk.Items.Tokens());
            _chunks.Enqueue(chunk);
        }
    }

    /// <summary>
    /// What was handed over is confirmed when it is half a window, or after a while. The last lease that is here is confirmed at once: if its item kills the
    /// consumer, that is its failure. One in the midst of others is the last one sooner or later, for a consumer that has just begun.
    /// </summary>
    private void ConfirmInTime(ulong handedOver)
    {
        lock (_lock)
        {
            var isLastLease = _lease && !HasMore;
            if (!_confirmScheduled)
            {
                ScheduleConfirm(_queue.Connection.Clock.Now + AheadMicros);
            }

            if (_end != StreamEnd.NotYet || _interrupted || (!isLastLease && (handedOver < _advanceAt || !HasMore)))
            {
                return;
            }

            // Whoever has time for one item only, or does not know yet, keeps no other from anybody meanwhile.
            Advance(!isLastLease ? NextWindow() : _window > 1 ? _window : 0);
        }

        // Not under the lock: in the broker's own process, sending is receiving.
        _queue.Connection.Flush();
    }

    /// <summary>
    /// Somebody waits for what this reader has and does not use. It goes back, unless the reader has asked for more since: then it is at work again. Which
    /// items were handed over is decided here, once and for all.
    /// </summary>
    private void ReturnRest()
    {
        if (_windowOpen || _stopped || _interrupted || _end != StreamEnd.NotYet)
        {
            return;
        }

        var handedOver = _handOver.Skip(_received);
        if (handedOver == _received)
        {
            return;
        }

        // Before it is sent: from then on others may have these items.
        Log.GivesBack(_queue.Connection.Logger, _queue.Name, (long)(_received - handedOver));
        if (_arrivedWhileWaiting)
        {
            // Who waits for a thread as long as that, again and again, is to get something in the end.
            _arrivedWhileWaiting = false;
            _wakePatience = Math.Min(2 * _wakePatience, WakeMicrosMax);
        }

        CountConsumed(handedOver - _confirmed);
        _measuredFrom += _received - handedOver;
        _confirmed = _received;
        Volatile.Write(ref _advanceAt, _confirmed + 1);
        DropRest();
        lock (_queue.Connection.SyncRoot)
        {
            var to = _queue.Connection.Out;
            to.BeginFrame(Op.Return, _queue.Id, _id);
            to.UInt64(handedOver);
            to.UInt64(_received);
            to.EndFrame();
        }

        // This is the thread that reads.
        _queue.Connection.FlushSoon();
    }

    /// <summary>As many items as the consumer deals with in the time to read ahead, judged by the last ones; at most twice as many as before.</summary>
    private int NextWindow()
    {
        var now = _queue.Connection.Clock.Now;
        var count = _handOver.Count;
        var handled = (long)(count - _measuredFrom);
        var busy = Math.Max(now - _busySince, 1);
        (_busySince, _measuredFrom) = (now, count);
        if (handled > 0)
        {
            _window = (int)Math.Clamp(handled * AheadMicros / busy, 1, Math.Min(_window * 2L, WindowMax));
        }

        return _window;
    }

    private void Advance(int window)
    {
        if (_interrupted)
        {
            return;
        }

        var before = _confirmed;
        _confirmed = _handOver.Count;
        CountConsumed(_confirmed - before);
        _windowOpen = window > 0;
        Volatile.Write(ref _advanceAt, _confirmed + (ulong)Math.Max(_window / 2, 1));
        Allow(_confirmed + (ulong)window);
        lock (_queue.Connection.SyncRoot)
        {
            var to = _queue.Connection.Out;
            if (_acks.Count > 0)
            {
                to.BeginFrame(Op.Ack, _queue.Id, 0);
                to.Int32(_acks.Count);
                foreach (var token in _acks)
                {
                    to.UInt64(token);
                }

                to.EndFrame();
                _acks.Clear();
            }

            to.BeginFrame(Op.Advance, _queue.Id, _id);
            to.UInt64(_confirmed);
            to.Int32(window);
            to.EndFrame();
        }
    }

    /// <summary>A counter is told of many items at a time.</summary>
    private void CountConsumed(ulong items)
    {
        if (items > 0 && Telemetry.Consumed.Enabled)
        {
            Telemetry.Consumed.Add((long)items, Telemetry.Tags(_queue, "get", "receive"));
        }
    }

    /// <summary>From now on the broker may send items up to this one.</summary>
    private void Allow(ulong last)
    {
        if (_lease && (_allowed.Count == 0 || last > _lastAllowed))
        {
            _allowed.Enqueue((last, _queue.Connection.Clock.Now));
            _lastAllowed = last;
        }
    }

    /// <summary>
    /// A moment no later than the one at which the item that is handed over next left the broker: when it was first allowed to.
    /// A lease on it cannot end before that moment and the lease time.
    /// </summary>
    private long SentAfterNeedsLock()
    {
        while (_allowed.Count > 1 && _allowed.Peek().Last <= _handOver.Count)
        {
            _allowed.Dequeue();
        }

        return _allowed.Peek().At;
    }

    private void ScheduleConfirm(long at)
    {
        _confirmScheduled = true;
        _queue.Connection.Clock.Schedule(this, at);
    }
}
