using System.Buffers;
using System.Threading.Tasks.Sources;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc.Client;

internal enum CallState
{
    Waiting,
    Answered,
    Lost,
    Overdue,
}

/// <summary>
/// One request that is answered by one frame. The caller waits for it with a thread (<see cref="Wait"/>) or without
/// (<see cref="WaitAsync"/>), looks at the answer, and gives it back with <see cref="Dispose"/>.
/// </summary>
internal sealed class PendingCall(ClientConnection connection) : IReplyTarget, IValueTaskSource, IDisposable
{
    private const int KeepBytesMax = 64 * 1024;

    /// <summary>How much later than it should an answer may come before the broker counts as gone.</summary>
    private const long GraceMicros = 900_000;

    private readonly object _lock = new();
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = !connection.IsSimulated };
    private byte[] _body = [];
    private int _bodyBytes;
    private volatile CallState _state;

    public ulong Id { get; private set; }

    public uint Queue { get; private set; }

    public ClientQueue? Owner { get; private set; }

    public long GuardAt { get; private set; }

    /// <summary>The operation that this call carries out, if anybody watches. It ends when the call is disposed.</summary>
    public Operation? Operation { get; set; }

    public CallState State => _state;

    /// <summary>What kind of answer came.</summary>
    public FrameHeader Answer { get; private set; }

    public BodyReader Body => new(_body.AsSpan(0, _bodyBytes));

    public DeliveredItems Items => new(_body, _bodyBytes, (Answer.Flags & FrameHeader.LeaseFlag) != 0, connection.Version);

    /// <summary>What is sent from where it was packed; it can be given back when there is an answer.</summary>
    public PackedWriter? Packed { get; set; }

    /// <summary>The items are leased: from their arrival on they are kept alive.</summary>
    public bool Leases { get; set; }

    /// <summary>The leases that have come, for the caller to hand over; nothing but those, and only where <see cref="Leases"/> says so.</summary>
    public LeaseGroup? Leased { get; private set; }

    /// <summary>Under the connection's reading lock: this thread is to read for all from now on.</summary>
    public bool Promoted { get; set; }

    /// <summary>Makes it ready for a new request, which the broker answers within <paramref name="waitMicros"/>; -1 means whenever.</summary>
    public bool TryBegin(CallTable table, uint queue, ClientQueue? owner, long waitMicros)
    {
        lock (_lock)
        {
            _source.Reset();
            _state = CallState.Waiting;
            _bodyBytes = 0;
            (Promoted, Leases, Leased) = (false, false, null);
            (Queue, Owner) = (queue, owner);
            GuardAt = waitMicros < 0 || waitMicros > long.MaxValue / 2 ? long.MaxValue : connection.Clock.Now + waitMicros + GraceMicros;
            var added = table.TryAdd(this, out var id);
            Id = id;
            return added;
        }
    }

    /// <summary>Waits with this thread, which may have to read for the others as well.</summary>
    public void Wait(CancellationToken ct)
    {
        CancelIfDisposed();
        if (!ct.CanBeCanceled)
        {
            connection.ReadUntilEnded(this);
            return;
        }

        // A thread that is blocked reading cannot look after its token's time limit; another one reads.
        using var background = connection.ReadInBackground();
        using var registration = ct.UnsafeRegister(static call => ((PendingCall)call!).Cancel(), this);
        WaitEnded();
    }

    public async ValueTask WaitAsync(CancellationToken ct)
    {
        CancelIfDisposed();
        using var background = connection.ReadInBackground();
        connection.GuardFrom(GuardAt);
        using var registration = ct.UnsafeRegister(static call => ((PendingCall)call!).Cancel(), this);
        await new ValueTask(this, _source.Version).ConfigureAwait(false);
    }

    /// <summary>Waits until there is an answer, or none can come, or this thread is to read for all.</summary>
    public void WaitEnded()
    {
        connection.GuardFrom(GuardAt);
        lock (_lock)
        {
            while (_state == CallState.Waiting && !Promoted)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>Lets the waiting thread look at its situation anew.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            Monitor.PulseAll(_lock);
        }
    }

    public void Cancel(ulong id)
    {
        uint queue;
        lock (_lock)
        {
            if (Id != id)
            {
                return;
            }

            queue = Queue;
            GuardAt = Math.Min(GuardAt, connection.Clock.Now + GraceMicros);
        }

        connection.GuardFrom(GuardAt);
        connection.SendCancel(queue, id);
    }

    public bool OnFrame(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        lock (_lock)
        {
            if (_state == CallState.Waiting)
            {
                if (_body.Length < body.Length)
                {
                    _body = ArrayPool<byte>.Shared.Rent(Math.Max(256, body.Length));
                }

                body.CopyTo(_body);
                _bodyBytes = body.Length;
                Answer = header;
                if (Leases && header.Op == Op.Items)
                {
                    // The caller may have no thread for a while.
                    var items = Items;
                    Leased = new LeaseGroup(Owner!, items.Remaining, connection.Clock.Now, arrived: items.Tokens());
                }

                EndNeedsLock(CallState.Answered);
                return true;
            }
        }

        // It was given up, and its caller has not come to say so.
        LateAnswers.GiveBack(connection, header, body);
        return true;
    }

    public void OnLost() => End(CallState.Lost);

    public void OnOverdue(ulong id)
    {
        lock (_lock)
        {
            if (Id == id && _state == CallState.Waiting)
            {
                EndNeedsLock(CallState.Overdue);
            }
        }
    }

    public void Dispose()
    {
        Operation?.End(this);
        Operation = null;
        var owner = Owner;
        Owner = null;
        Leased?.Close();
        Leased = null;
        if (_state is CallState.Waiting or CallState.Overdue)
        {
            // Its answer may still come, and finds the late answers' desk; this object is not used again.
            connection.Abandon(this, owner);
            return;
        }

        if (_state == CallState.Answered)
        {
            // The frame was read to its end, or it would not have been answered.
            Packed?.Release();
        }

        Packed = null;
        if (_body.Length > KeepBytesMax)
        {
            ArrayPool<byte>.Shared.Return(_body);
            _body = [];
        }

        connection.Return(this);
        owner?.Release();
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>Only while the call is waited for: it cannot serve another request then.</summary>
    private void Cancel() => Cancel(Id);

    /// <summary>The handle may have been disposed while the request was written, and its cancel have come too early.</summary>
    private void CancelIfDisposed()
    {
        if (Owner is { IsDisposed: true })
        {
            Cancel();
        }
    }

    private void End(CallState state)
    {
        lock (_lock)
        {
            if (_state == CallState.Waiting)
            {
                EndNeedsLock(state);
            }
        }
    }

    private void EndNeedsLock(CallState state)
    {
        _state = state;
        _source.SetResult(true);
        Monitor.PulseAll(_lock);
    }
}
