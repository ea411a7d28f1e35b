using System.Buffers;
using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>
/// A reader that is sent items ahead of its needs. What it has handed over it confirms, many items at a time; what it has not goes
/// back when it ends, however it ends. How far ahead it reads follows how fast its consumer is: about
/// <see cref="AheadMicros"/> of work, so that a slow consumer keeps nothing from the others.
/// </summary>
internal sealed class ItemStream<T> : IReplyTarget, IAckBatch, IDue, IDisposable, IAsyncDisposable
{
    private const int WindowMax = 4096;
    private const long WindowBytes = 4 << 20;
    private const long AheadMicros = 5_000;

    /// <summary>A broker that hangs does not hold up a consumer that only wants to stop.</summary>
    private static readonly TimeSpan EndWaitMax = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly ClientQueue _queue;
    private readonly IQueueSerializer _serializer;
    private readonly bool _lease;
    private readonly Action<Exception?>? _ended;
    private readonly ClientConnection.BackgroundReading _reading;
    private readonly Queue<Chunk> _chunks = new();
    private readonly List<ulong> _acks = [];
    private readonly Queue<(ulong Last, long At)> _allowed = new();
    private Chunk _current;
    private TaskCompletionSource? _arrival;
    private readonly ulong _id;
    private ulong _handedOver;
    private ulong _confirmed;
    private ulong _lastAllowed;
    private int _window = 1;
    private bool _windowOpen;
    private long _busySince;
    private bool _confirmScheduled;
    private bool _unpacking;
    private bool _stopped;
    private StreamEnd _end;

    /// <param name="queue">What to read.</param>
    /// <param name="serializer">How.</param>
    /// <param name="lease">Whether to lease the items, instead of taking them.</param>
    /// <param name="ended">Told when no item can come any more: null when all were read, else why. It must not block. Where it is given, nothing is read ahead before something is asked for.</param>
    public ItemStream(ClientQueue queue, IQueueSerializer serializer, bool lease, Action<Exception?>? ended = null)
    {
        (_queue, _serializer, _lease, _ended) = (queue, serializer, lease, ended);
        _windowOpen = ended is null;
        queue.AddUser();
        var connection = queue.Connection;
        if (!connection.TryBegin(this, out _id))
        {
            queue.Release();
            throw Errors.Lost("Reading", queue.Name, connection);
        }

        _reading = connection.ReadInBackground();
        Allow(_windowOpen ? (ulong)_window : 0);
        lock (connection.SyncRoot)
        {
            var to = connection.Out;
            to.BeginFrame(Op.Subscribe, queue.Id, _id, lease ? FrameHeader.LeaseFlag : (byte)0);
            to.Int32(_windowOpen ? _window : 0);
            to.Int64(WindowBytes);
            to.EndFrame();
        }

        if (queue.IsDisposed)
        {
            // That may have happened before the request was written, and its cancel have come too early.
            WriteEmpty(Op.Cancel);
        }

        connection.Flush();
    }

    private enum StreamEnd
    {
        NotYet,
        Completed,
        Deleted,
        Cancelled,
        Refused,
        Lost,
    }

    public ClientQueue? Owner => _queue;

    /// <summary>Whether it takes nothing any more: it was disposed, or came upon an item that cannot be read.</summary>
    public bool IsStopped
    {
        get
        {
            lock (_lock)
            {
                return _stopped;
            }
        }
    }

    /// <summary>A reader waits as long as it takes.</summary>
    public long GuardAt => long.MaxValue;

    /// <summary>Hands over the next item, if one is here. One thread at a time: items are confirmed in their order.</summary>
    public bool TryTake(out T item, out DeliveredItem delivered)
    {
        lock (_lock)
        {
            if (!IsItemHereNeedsLock())
            {
                (item, delivered) = (default!, default);
                return false;
            }

            delivered = _current.Items.Next();
            _unpacking = true;
        }

        item = Unpack(delivered);
        bool hasToSend;
        lock (_lock)
        {
            _unpacking = false;

            // Ended meanwhile, it was not confirmed, and went back.
            ThrowIfBroken();
            hasToSend = HandOverNeedsLock();
        }

        if (hasToSend)
        {
            // Not under the lock: in the broker's own process, sending is receiving.
            _queue.Connection.Flush();
        }

        return true;
    }

    /// <summary>
    /// A moment no later than the one at which the item that was handed over last left the broker: when it was first allowed to.
    /// A lease on it cannot end before that moment and the lease time.
    /// </summary>
    public long SentAfter
    {
        get
        {
            lock (_lock)
            {
                while (_allowed.Count > 1 && _allowed.Peek().Last < _handedOver)
                {
                    _allowed.Dequeue();
                }

                return _allowed.Peek().At;
            }
        }
    }

    public bool TryAck(ulong token)
    {
        lock (_lock)
        {
            if (_stopped || _end != StreamEnd.NotYet)
            {
                return false;
            }

            _acks.Add(token);
            if (!_confirmScheduled)
            {
                ScheduleConfirm(MonotonicClock.Now + AheadMicros);
            }

            return true;
        }
    }

    /// <summary>Waits with this thread until an item is here (true), or none can come any more (false).</summary>
    public bool WaitToTake(CancellationToken ct)
    {
        while (PrepareToWait() is { } arrival)
        {
            arrival.Wait(ct);
        }

        return IsItemHere();
    }

    public async ValueTask<bool> WaitToTakeAsync(CancellationToken ct)
    {
        while (PrepareToWait() is { } arrival)
        {
            await arrival.WaitAsync(ct).ConfigureAwait(false);
        }

        return IsItemHere();
    }

    /// <summary>Asks the broker for more, if nothing is here.</summary>
    public void Ask() => PrepareToWait();

    public bool OnFrame(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        lock (_lock)
        {
            if (header.Op == Op.Items)
            {
                if (!_stopped)
                {
                    Keep(header, body);
                }

                return false;
            }
        }

        End(header.Op switch
        {
            Op.Completed => StreamEnd.Completed,
            Op.Deleted => StreamEnd.Deleted,
            Op.Cancelled => StreamEnd.Cancelled,
            _ => StreamEnd.Refused,
        });
        return true;
    }

    public void OnLost() => End(StreamEnd.Lost);

    public void OnOverdue(ulong id)
    {
        // Nothing is ever overdue for a reader.
    }

    /// <summary>The handle is disposed. Its consumer gets nothing any more, or what it gets would come to someone else as well.</summary>
    public void Cancel(ulong id) => Stop();

    /// <summary>
    /// Stops reading. What was handed over is confirmed, the rest goes back, and is back when this returns: the next reader may come on
    /// another connection, which the broker could listen to first.
    /// </summary>
    public void Dispose() => Stop()?.Wait(EndWaitMax);

    /// <summary>Like <see cref="Dispose"/>, without a thread.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Stop() is { } ended)
        {
            await ended.WaitAsync(EndWaitMax).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The consumer has been busy with what it got for a while: that much is confirmed, and nothing more is read ahead.</summary>
    void IDue.OnDue(long now)
    {
        lock (_lock)
        {
            _confirmScheduled = false;
            if (_end != StreamEnd.NotYet || _stopped || (_handedOver == _confirmed && _acks.Count == 0))
            {
                return;
            }

            if (now - _busySince < AheadMicros)
            {
                ScheduleConfirm(_busySince + AheadMicros);
                return;
            }

            Advance(window: 0);
        }

        _queue.Connection.FlushSoon();
    }

    /// <summary>Says how far the consumer came, and that it wants no more. Answers what to wait for until the broker has dealt with that; null when it has.</summary>
    private Task? Stop()
    {
        Task? ended = null;
        lock (_lock)
        {
            if (!_stopped)
            {
                _stopped = true;
                DropChunks();
                SignalNeedsLock();
                if (_end == StreamEnd.NotYet)
                {
                    Advance(window: 0);
                    WriteEmpty(Op.Cancel);
                }
            }

            if (_end == StreamEnd.NotYet)
            {
                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                ended = _arrival.Task;
            }
        }

        _queue.Connection.Flush();
        return ended;
    }

    /// <summary>Not under the lock: it takes as long as it takes, and opens the queues inside the item, for which the connection must be read.</summary>
    private T Unpack(in DeliveredItem delivered)
    {
        try
        {
            return ItemCodec.Unpack<T>(delivered.Bytes, delivered.IsNull, _serializer);
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                _unpacking = false;
                ThrowIfBroken();
                throw Reject(delivered, e);
            }
        }
    }

    /// <summary>Counts one more item, and answers whether there is something to send.</summary>
    private bool HandOverNeedsLock()
    {
        _handedOver++;
        if (_handedOver - _confirmed >= (ulong)Math.Max(_window / 2, 1) && HasMore)
        {
            Advance(NextWindow());
            return true;
        }

        if (!_confirmScheduled)
        {
            ScheduleConfirm(MonotonicClock.Now + AheadMicros);
        }

        return false;
    }

    private bool HasMore => _current.Items.Remaining > 0 || _chunks.Count > 0;

    private bool IsItemHere()
    {
        lock (_lock)
        {
            return IsItemHereNeedsLock();
        }
    }

    private bool IsItemHereNeedsLock()
    {
        ThrowIfBroken();
        while (_current.Items.Remaining == 0)
        {
            LeaveCurrent();
            if (!_chunks.TryDequeue(out _current))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What to wait for; null when there is an item or none can come. Asks the broker for more first.</summary>
    private Task? PrepareToWait()
    {
        Task? arrival = null;
        lock (_lock)
        {
            if (!IsItemHereNeedsLock() && _end == StreamEnd.NotYet)
            {
                if (!_windowOpen || _handedOver != _confirmed || _acks.Count > 0)
                {
                    Advance(NextWindow());
                }

                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
            }
        }

        _queue.Connection.Flush();
        return arrival;
    }

    private void Keep(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(bytes);
        _chunks.Enqueue(new Chunk(bytes, new DeliveredItems(bytes, body.Length, (header.Flags & FrameHeader.LeaseFlag) != 0)));
        if (_arrival is not null)
        {
            _busySince = MonotonicClock.Now;
            SignalNeedsLock();
        }
    }

    private void End(StreamEnd end)
    {
        Exception? failure;
        bool wasStopped;
        lock (_lock)
        {
            if (_end != StreamEnd.NotYet)
            {
                return;
            }

            _end = end;
            if (end != StreamEnd.Completed)
            {
                // Others may get these now.
                DropChunks();
            }

            (failure, wasStopped) = (Failure(), _stopped);
            SignalNeedsLock();
        }

        // A reader that was stopped knows it, and another one may go on in its place.
        if (!wasStopped && end != StreamEnd.Cancelled)
        {
            _ended?.Invoke(failure);
        }

        _reading.Dispose();
        _queue.Release();
    }

    private void SignalNeedsLock()
    {
        _arrival?.TrySetResult();
        _arrival = null;
    }

    private void ThrowIfBroken()
    {
        if (Failure() is { } failure)
        {
            throw failure;
        }
    }

    private Exception? Failure()
    {
        if (_stopped)
        {
            return _queue.IsDisposed ? _queue.Disposed() : new ObjectDisposedException(nameof(ItemStream<>));
        }

        return _end switch
        {
            StreamEnd.Deleted => Errors.Deleted(_queue.Name),
            StreamEnd.Cancelled when _queue.IsDisposed => _queue.Disposed(),
            StreamEnd.Refused => new InvalidOperationException($"The broker refused another reader of queue '{_queue.Name}': one connection has too many."),
            StreamEnd.Lost when _queue.Connection.IsDisposed => new ObjectDisposedException(nameof(QueueClient)),
            StreamEnd.Lost => Errors.Unavailable("Reading", _queue.Name, _queue.Connection, isPut: false),
            _ => null,
        };
    }

    /// <summary>An item that cannot be read ends the reader: it is dead, those before it are confirmed, those behind it go back.</summary>
    private ItemSerializationException Reject(in DeliveredItem delivered, Exception why)
    {
        var error = Errors.CannotRead(_queue.Name, typeof(T), why, delivered.Bytes.ToArray());
        if (_lease)
        {
            _handedOver++;
        }

        Advance(window: 0);
        if (_lease)
        {
            _queue.WriteVerdict(Op.DeadLetter, delivered.Token, why.Message);
        }
        else
        {
            lock (_queue.Connection.SyncRoot)
            {
                var to = _queue.Connection.Out;
                to.BeginFrame(Op.RejectNext, _queue.Id, _id);
                to.Text(ClientQueue.Shorten(why.Message));
                to.EndFrame();
            }
        }

        WriteEmpty(Op.Cancel);
        _stopped = true;
        DropChunks();
        _queue.Connection.FlushSoon();
        return error;
    }

    /// <summary>As many items as the consumer deals with in the time to read ahead, judged by the last ones; at most twice as many as before.</summary>
    private int NextWindow()
    {
        var now = MonotonicClock.Now;
        var handled = (long)(_handedOver - _confirmed);
        var busy = Math.Max(now - _busySince, 1);
        _busySince = now;
        if (handled > 0)
        {
            _window = (int)Math.Clamp(handled * AheadMicros / busy, 1, Math.Min(_window * 2L, WindowMax));
        }

        return _window;
    }

    private void Advance(int window)
    {
        _confirmed = _handedOver;
        _windowOpen = window > 0;
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

    /// <summary>From now on the broker may send items up to this one.</summary>
    private void Allow(ulong last)
    {
        if (_lease && (_allowed.Count == 0 || last > _lastAllowed))
        {
            _allowed.Enqueue((last, MonotonicClock.Now));
            _lastAllowed = last;
        }
    }

    private void WriteEmpty(Op op)
    {
        lock (_queue.Connection.SyncRoot)
        {
            _queue.Connection.Out.BeginFrame(op, _queue.Id, _id);
            _queue.Connection.Out.EndFrame();
        }
    }

    private void ScheduleConfirm(long at)
    {
        _confirmScheduled = true;
        ClientConnection.Clock.Schedule(this, at);
    }

    private void LeaveCurrent()
    {
        if (!_unpacking)
        {
            _current.GiveBack();
        }

        // Else its last item is being read from it: the buffer is left to the garbage collector.
        _current = default;
    }

    private void DropChunks()
    {
        LeaveCurrent();
        while (_chunks.TryDequeue(out var chunk))
        {
            chunk.GiveBack();
        }
    }

    /// <summary>One frame of items, in a buffer from the pool.</summary>
    private struct Chunk(byte[] bytes, DeliveredItems items)
    {
        public DeliveredItems Items = items;
        private byte[]? _bytes = bytes;

        public void GiveBack()
        {
            if (_bytes is not null)
            {
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = null;
            }
        }
    }
}
