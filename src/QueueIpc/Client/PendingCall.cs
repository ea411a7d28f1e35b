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
internal sealed partial class PendingCall(ClientConnection connection) : IReplyTarget, IValueTaskSource, IDisposable
{
    private const int KeepBytesMax = 64 * 1024;

    /// <summary>How much later than it should an answer may come before the broker counts as gone.</summary>
    private const long GraceMicros = 900_000;

    /// <summary>The same for a broker that answers when its disk has something: while others write, a flush may take seconds.</summary>
    private const long DiskGraceMicros = ClientConnection.PromptMicros;

    private readonly object _lock = new();
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = !connection.IsSimulated };
    private byte[] _body = [];
    private int _bodyBytes;
    private volatile CallState _state;

    // What was sent, so that it can be sent again. Items are in Packed.
    private FrameHeader _request;
    private byte[] _requestBody = [];
    private long _deadline;
    private int _putCount;
    private long _oldestOpen;
    private long _firstSentAt;
    private ushort _version;
    private bool _isOnItsWay;
    private bool _interrupted;
    private int _interruptedIn;
    private bool _cancelled;

    public ulong Id { get; private set; }

    /// <summary>The how manieth frame of its connection it is that can be sent again; 0 for none.</summary>
    public long SentAs { get; private set; }

    /// <summary>The pipe on which the answer came.</summary>
    public int AnsweredIn { get; private set; }

    /// <summary>Whether a broker may have seen it.</summary>
    public bool MayHaveArrived => SentAs == 0 || _isOnItsWay;

    /// <summary>Whether the answer is one to a repetition: a broker may have done before what it was asked for.</summary>
    public bool WasRepeated { get; private set; }

    /// <summary>The number of a put's first item, until it is known what came of it; 0 for none.</summary>
    public long PutNumber { get; private set; }

    public ClientQueue? Owner { get; private set; }

    public long GuardAt { get; private set; }

    /// <summary>Of an ack: the item's sequence number, by which a broker that came back can be asked whether it is gone; 0 if it is not known.</summary>
    public long AskedAgainFor { get; set; }

    /// <summary>The operation that this call carries out, if anybody watches. It ends when the call is disposed.</summary>
    public Operation? Operation { get; set; }

    public CallState State => _state;

    /// <summary>What kind of answer came.</summary>
    public FrameHeader Answer { get; private set; }

    public BodyReader Body => new(_body.AsSpan(0, _bodyBytes));

    public DeliveredItems Items => new(_body, _bodyBytes, (Answer.Flags & FrameHeader.LeaseFlag) != 0, connection.Version);

    /// <summary>What is sent from where it was packed; it can be given back when there is an answer.</summary>
    public PackedWriter? Packed { get; set; }

    /// <summary>What the last call's items were packed in.</summary>
    public PackedWriter? Spare { get; set; }

    /// <summary>The items are leased: from their arrival on they are kept alive.</summary>
    public bool Leases { get; set; }

    /// <summary>The leases that have come, for the caller to hand over; nothing but those, and only where <see cref="Leases"/> says so.</summary>
    public LeaseGroup? Leased { get; private set; }

    /// <summary>Under the connection's reading lock: this thread is to read for all from now on.</summary>
    public bool Promoted { get; set; }

    /// <summary>Makes it ready for a new request, which the broker answers within <paramref name="waitMicros"/>; -1 means whenever.</summary>
    public bool TryBegin(CallTable table, ClientQueue? owner, long waitMicros)
    {
        lock (_lock)
        {
            _source.Reset();
            _state = CallState.Waiting;
            _bodyBytes = 0;
            (Promoted, Leases, Leased) = (false, false, null);
            (SentAs, _interrupted, _cancelled, _isOnItsWay, WasRepeated) = (0, false, false, false, false);
            (Owner, PutNumber, _firstSentAt, AskedAgainFor) = (owner, 0, 0, 0);
            _deadline = waitMicros < 0 || waitMicros > long.MaxValue / 2 ? long.MaxValue : connection.Clock.Now + waitMicros;
            GuardAt = GuardFor(_deadline);
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
        ClientQueue? queue;
        bool interrupted;
        lock (_lock)
        {
            if (Id != id)
            {
                return;
            }

            (queue, interrupted, _cancelled) = (Owner, _interrupted, true);
            GuardAt = Math.Min(GuardAt, connection.Clock.Now + (interrupted ? 0 : GraceMicros));
        }

        if (interrupted)
        {
            // Nobody is there who could confirm it.
            connection.Overdue(id, this);
            return;
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
                AnsweredIn = connection.Epoch;
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

    public bool OnOverdue(ulong id)
    {
        lock (_lock)
        {
            // Between the look at the clock and this, there may have come another pipe, and with it another time.
            return Id == id && _state == CallState.Waiting && GuardAt <= connection.Clock.Now && EndOverdueNeedsLock();
        }
    }

    /// <summary>A put's items get their numbers, where they can come again. Under the connection's lock.</summary>
    public void NumberPut(int count)
    {
        if (Owner!.Numbers is { } numbers)
        {
            (PutNumber, _oldestOpen) = numbers.Next(this, count);
        }
    }

    /// <summary>Writes the frame of a put, except for its end: once, or again. Under the connection's lock.</summary>
    public void WritePut(OutBuffer to, int count)
    {
        _putCount = count;
        var isNumbered = PutNumber > 0 && connection.Version > 1;
        to.BeginFrame(Op.Put, Owner!.Id, Id, isNumbered ? FrameHeader.NumberedFlag : (byte)0);
        to.Int64(WaitLeft());
        if (isNumbered)
        {
            var now = connection.Clock.Now;
            to.Int64(PutNumber);
            to.Int64(_oldestOpen);
            to.Int64(_firstSentAt == 0 ? 0 : Math.Max(1, now - _firstSentAt));
            _firstSentAt = _firstSentAt == 0 ? now : _firstSentAt;
        }

        to.Int32(count);
        to.Append(Packed!.Written);
    }

    public void Dispose()
    {
        Operation?.End(this);
        Operation = null;
        var owner = Owner;
        Owner = null;
        PutNumber = 0;
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
            Spare = Packed is { Capacity: <= KeepBytesMax } ? Packed : null;
            if (Spare is null)
            {
                Packed?.Release();
            }
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

    private long WaitLeft() => _deadline == long.MaxValue ? ProtocolLimits.Forever : Math.Max(0, _deadline - connection.Clock.Now);

    private bool HasWait => _request.Op is Op.Put or Op.Get or Op.Join;

    private long GuardFor(long deadline) => deadline == long.MaxValue ? deadline : deadline + (connection.KeepsItems ? DiskGraceMicros : GraceMicros);

    /// <summary>Its time is over, or it was cancelled. While there is no broker, that is the answer to what cannot have had an effect. True if it is answered with that.</summary>
    private bool EndOverdueNeedsLock()
    {
        var isPut = _request.Op == Op.Put;
        if (!_interrupted || SentAs == 0 || !HasWait || (isPut && (_isOnItsWay || !_cancelled)))
        {
            EndNeedsLock(CallState.Overdue);
            return false;
        }

        var answer = _cancelled ? Op.Cancelled : _request.Op == Op.Join ? Op.TimedOut : Op.Empty;
        (Answer, _body, _bodyBytes) = (new FrameHeader(sizeof(long), answer, 0, 0, Id), new byte[sizeof(long)], sizeof(long));
        EndNeedsLock(CallState.Answered);
        return true;
    }

    private void EndNeedsLock(CallState state)
    {
        _state = state;
        _source.SetResult(true);
        Monitor.PulseAll(_lock);
    }
}
