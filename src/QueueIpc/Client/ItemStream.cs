using System.Buffers;
using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Serialization;
using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>
/// A reader that is sent items ahead of its needs. What it has handed over it confirms, many items at a time; what it has not goes
/// back when it ends, however it ends. How far ahead it reads follows how fast its consumer is: about
/// <see cref="AheadMicros"/> of work, so that a slow consumer keeps nothing from the others.
/// </summary>
internal sealed partial class ItemStream<T> : Due, IReplyTarget, IAckBatch, IDisposable, IAsyncDisposable
{
    private const int WindowMax = 4096;
    private const long WindowBytes = 4 << 20;
    private const long AheadMicros = 5_000;

    /// <summary>So long a consumer that waits may take to wake up, the first time; each time that was too short, twice as long.</summary>
    private const long WakeMicros = 100_000;
    private const long WakeMicrosMax = 10_000_000;

    /// <summary>A broker that hangs does not hold up a consumer that only wants to stop.</summary>
    private static readonly TimeSpan EndWaitMax = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly ClientQueue _queue;
    private readonly ItemCodec<T> _codec;
    private readonly bool _lease;
    private readonly Action<Exception?>? _ended;
    private readonly ClientConnection.BackgroundReading _reading;
    private readonly Queue<Chunk> _chunks = new();
    private readonly List<ulong> _acks = [];
    private readonly Queue<(ulong Last, long At)> _allowed = new();

    // What items are being taken from. It belongs to whoever takes them; others only look whether there are any.
    private Chunk _current;
    private DeliveredItems _taken;
    private LeaseGroup? _leases;
    private readonly ulong _id;
    private HandOver _handOver = new();
    private LeaseRecord? _record;
    private TaskCompletionSource? _arrival;
    private ulong _received;
    private ulong _confirmed;
    private ulong _measuredFrom;
    private ulong _advanceAt = 1;
    private ulong _lastAllowed;
    private int _window = 1;
    private bool _windowOpen;
    private int _waiters;
    private long _busySince;
    private bool _arrivedWhileWaiting;
    private long _wakePatience = WakeMicros;
    private volatile bool _confirmScheduled;
    private volatile bool _stopped;
    private bool _interrupted;
    private int _subscribedIn;
    private StreamEnd _end;

    /// <param name="queue">What to read.</param>
    /// <param name="codec">How.</param>
    /// <param name="lease">Whether to lease the items, instead of taking them.</param>
    /// <param name="ended">Told when no item can come any more: null when all were read, else why. It must not block. Where it is given, nothing is read ahead before something is asked for.</param>
    public ItemStream(ClientQueue queue, ItemCodec<T> codec, bool lease, Action<Exception?>? ended = null)
    {
        (_queue, _codec, _lease, _ended) = (queue, codec, lease, ended);
        _windowOpen = ended is null;
        queue.AddUser();
        var connection = queue.Connection;
        if (!connection.TryBegin(this, out _id))
        {
            queue.Release();
            throw Errors.Lost("Reading", queue.Name, connection);
        }

        _reading = connection.ReadInBackground();
        lock (_lock)
        {
            SubscribeNeedsLock();
        }

        if (queue.IsDisposed)
        {
            // That may have happened before the request was written, and its cancel have come too early.
            WriteEmpty(Op.Cancel);
        }

        connection.Flush();
    }

    public ClientQueue? Owner => _queue;

    /// <summary>A reader waits as long as it takes.</summary>
    public long GuardAt => long.MaxValue;

    /// <summary>Waits with this thread until an item is here (true), or none can come any more (false).</summary>
    public bool WaitToTake(CancellationToken ct)
    {
        bool isHere;
        while (PrepareToWait(isWaiter: true, out isHere) is { } arrival)
        {
            try
            {
                arrival.Wait(ct);
            }
            finally
            {
                Interlocked.Decrement(ref _waiters);
            }
        }

        return isHere;
    }

    public async ValueTask<bool> WaitToTakeAsync(CancellationToken ct)
    {
        bool isHere;
        while (PrepareToWait(isWaiter: true, out isHere) is { } arrival)
        {
            try
            {
                await arrival.WaitAsync(ct).ConfigureAwait(false);
            }
            finally
            {
                if (Interlocked.Decrement(ref _waiters) == 0 && ct.IsCancellationRequested)
                {
                    StopAsking();
                }
            }
        }

        return isHere;
    }

    /// <summary>Asks the broker for more, if nothing is here.</summary>
    public void Ask() => PrepareToWait(isWaiter: false, out _);

    /// <summary>Nobody waits any more: the next item is for others. A reader that goes on asks again.</summary>
    public void StopAsking()
    {
        lock (_lock)
        {
            if (_waiters > 0 || _stopped || _end != StreamEnd.NotYet || HasMore || !_windowOpen)
            {
                return;
            }

            _arrival = null;
            Advance(window: 0);
        }

        _queue.Connection.Flush();
    }

    public bool OnFrame(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        lock (_lock)
        {
            switch (header.Op)
            {
                case Op.Items when !_stopped:
                    Keep(header, body);
                    return false;
                case Op.Recall:
                    ReturnRest();
                    return false;
                case Op.Items:
                    return false;
                case Op.Refused:
                    _refusal = body.ToArray();
                    break;
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

    /// <summary>Nothing is ever overdue for a reader, unless it has stopped and nobody is there who could confirm that.</summary>
    public bool OnOverdue(ulong id)
    {
        lock (_lock)
        {
            if (!_stopped || !_interrupted)
            {
                return false;
            }
        }

        End(StreamEnd.Cancelled);
        return true;
    }

    /// <summary>What was not handed over comes again, to this reader or another one; and so does what was, where its receipt was not sent.</summary>
    public bool OnInterrupted(ulong id)
    {
        lock (_lock)
        {
            _handOver.Close();
            DropRest();
            _acks.Clear();
            _allowed.Clear();

            // From here on it counts anew.
            (_interrupted, _handOver, _received, _confirmed, _measuredFrom, _lastAllowed) = (true, new HandOver(), 0, 0, 0, 0);
            Volatile.Write(ref _advanceAt, 1);
            if (!_stopped)
            {
                return false;
            }
        }

        End(StreamEnd.Cancelled);
        return true;
    }

    /// <summary>Begins anew on another pipe.</summary>
    public bool GoOn(ulong id, int epoch)
    {
        lock (_lock)
        {
            if (_subscribedIn >= epoch)
            {
                // It was about to begin when the other pipe was lost, and has begun on this one.
                return true;
            }

            if (!_stopped && !_queue.IsRefused)
            {
                _windowOpen = _arrival is not null;
                SubscribeNeedsLock();
                return true;
            }
        }

        End(_stopped ? StreamEnd.Cancelled : StreamEnd.Lost);
        return false;
    }

    /// <summary>Whether something was received that was neither handed over nor given back.</summary>
    private bool HasMore => _received > _handOver.Count;

    /// <summary>What to wait for; null when there is an item or none can come. Asks the broker for more first.</summary>
    private Task? PrepareToWait(bool isWaiter, out bool isHere)
    {
        Task? arrival = null;
        lock (_lock)
        {
            ThrowIfBroken();
            isHere = HasMore;
            if (!isHere && _end == StreamEnd.NotYet)
            {
                if (!_interrupted && (!_windowOpen || _handOver.Count != _confirmed || _acks.Count > 0))
                {
                    Advance(NextWindow());
                }

                _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                arrival = _arrival.Task;
                if (isWaiter)
                {
                    Interlocked.Increment(ref _waiters);
                }
            }
        }

        _queue.Connection.Flush();
        return arrival;
    }

    private void Keep(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(body.Length);
        body.CopyTo(bytes);
        var items = new DeliveredItems(bytes, body.Length, (header.Flags & FrameHeader.LeaseFlag) != 0, _queue.Connection.Version);
        if (items.Remaining == 0)
        {
            return;
        }

        _received += (ulong)items.Remaining;
        var chunk = new Chunk(bytes, _handOver, items, _received);

        if (_lease && _arrival is not null)
        {
            // It may take the consumer a while to wake up.
            chunk.Leases = new LeaseGroup(_queue, chunk.Items.Remaining, SentAfterNeedsLock(), this, chunk.Items.Tokens());
        }

        _chunks.Enqueue(chunk);
        if (_arrival is not null)
        {
            _busySince = _queue.Connection.Clock.Now;
            _arrivedWhileWaiting = true;
            SignalNeedsLock();
        }

        if (!_confirmScheduled)
        {
            ScheduleConfirm(_queue.Connection.Clock.Now + AheadMicros);
        }
    }

    private void SignalNeedsLock()
    {
        _arrival?.TrySetResult();
        _arrival = null;
    }

    private void SubscribeNeedsLock()
    {
        var connection = _queue.Connection;
        _record?.Delete();
        _record = _lease ? connection.TryCreateRecord(_id) : null;
        Allow(_windowOpen ? (ulong)_window : 0);
        lock (connection.SyncRoot)
        {
            var to = connection.Out;
            to.BeginFrame(Op.Subscribe, _queue.Id, _id, (byte)((connection.Version > 1 ? FrameHeader.ReturnFlag : 0) | (_lease ? FrameHeader.LeaseFlag : 0)));
            to.Int32(_windowOpen ? _window : 0);
            to.Int64(WindowBytes);
            to.EndFrame();
            (_subscribedIn, _interrupted) = connection.State == QueueClientState.Connected ? (connection.Epoch, false) : (0, true);
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

    private void DropRest()
    {
        _leases?.Close();
        while (_chunks.TryDequeue(out var chunk))
        {
            chunk.Leases?.Close();
            chunk.GiveBack();
        }
    }

    /// <summary>One frame of items, in a buffer from the pool.</summary>
    private struct Chunk(byte[] bytes, HandOver handOver, DeliveredItems items, ulong last)
    {
        /// <summary>Counts these items, with all that came on the same pipe.</summary>
        public readonly HandOver HandOver = handOver;

        public DeliveredItems Items = items;

        /// <summary>The number of its last item, counted from the reader's beginning.</summary>
        public readonly ulong Last => last;

        public readonly ulong NextNumber => last - (ulong)Items.Remaining + 1;

        /// <summary>Kept alive since they came; null for what nobody waited for.</summary>
        public LeaseGroup? Leases;
        private byte[]? _bytes = bytes;

        /// <summary>Whether the item with this number has gone back, or will: it was not handed over, or is none that came on this pipe.</summary>
        public readonly bool IsOver(ulong number) => HandOver.IsClosed || number <= HandOver.Count;

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
