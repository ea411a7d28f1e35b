using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>
/// A queue as one handle has it open on a connection: writes its requests and turns answers that are no success into exceptions.
/// It is closed at the broker when the handle is disposed and all that still uses it (calls, leases, readers) has ended.
/// </summary>
internal sealed partial class ClientQueue
{
    private readonly bool _ownsQueue;
    private readonly QueueOptions? _options;
    private readonly Action? _closed;
    private int _users = 1;
    private volatile bool _disposed;

    private ClientQueue(ClientConnection connection, PendingCall opened, QueueOptions? options, bool ownsQueue, Action? closed)
    {
        (Connection, _options, _ownsQueue, _closed) = (connection, options, ownsQueue, closed);
        Id = opened.Answer.Queue;
        var body = opened.Body;
        Name = body.Text();
        Capacity = body.Int32();
        MaxBytes = body.Int64();
        LeaseMicros = body.Int64();
        MaxFailures = body.Int32();
        Numbers = connection.NumbersOf(Name);
    }

    public ClientConnection Connection { get; }

    /// <summary>Its number on the pipe that the connection has now. Under the connection's lock.</summary>
    public uint Id { get; private set; }

    public string Name { get; }

    public int Capacity { get; }

    public long MaxBytes { get; }

    /// <summary>How puts are numbered; null where they cannot come again.</summary>
    public PutNumbers? Numbers { get; }

    /// <summary>0 means for ever.</summary>
    public long LeaseMicros { get; }

    /// <summary>0 means never.</summary>
    public int MaxFailures { get; }

    public bool IsDisposed => _disposed;

    /// <summary>Whether a broker with a storage keeps its items.</summary>
    public bool IsKept => !_ownsQueue && _options is not { Transient: true } && !QueueNames.IsUnnamed(Name);

    /// <summary>What a broker that came back said instead of opening it again; null if nothing of the kind.</summary>
    public byte[]? Refusal { get; private set; }

    public bool IsRefused => Refusal is not null;

    /// <summary>A call on this queue, to be written, waited for and disposed.</summary>
    public PendingCall Begin(string what, long waitMicros, bool evenIfDisposed = false)
    {
        AddUser(evenIfDisposed);
        if (Connection.TryBegin(this, waitMicros) is { } call)
        {
            return call;
        }

        Release();
        ObjectDisposedException.ThrowIf(Connection.IsDisposed, typeof(QueueClient));
        throw Errors.Lost(what, Name, Connection);
    }

    public PendingCall BeginGet(string what, bool lease, int maxItems, long waitMicros)
    {
        var call = Begin(what, waitMicros);
        call.Leases = lease;
        lock (Connection.SyncRoot)
        {
            var to = Connection.Out;
            to.BeginFrame(Op.Get, Id, call.Id, lease ? FrameHeader.LeaseFlag : (byte)0);
            to.Int64(waitMicros);
            to.Int32(maxItems);
            Connection.EndFrame(call);
        }

        return call;
    }

    public PendingCall BeginJoin(long waitMicros)
    {
        var call = Begin(nameof(Op.Join), waitMicros);
        lock (Connection.SyncRoot)
        {
            Connection.Out.BeginFrame(Op.Join, Id, call.Id);
            Connection.Out.Int64(waitMicros);
            Connection.EndFrame(call);
        }

        return call;
    }

    /// <summary>A request about all dead items, or those with these sequence numbers.</summary>
    public PendingCall BeginOnDead(Op op, IReadOnlyList<long>? sequences)
    {
        var call = Begin(op.ToString(), ClientConnection.PromptMicros);
        lock (Connection.SyncRoot)
        {
            var to = Connection.Out;
            to.BeginFrame(op, Id, call.Id);
            if (Connection.Version > 1)
            {
                to.Bool(sequences is not null);
            }

            if (sequences is not null)
            {
                to.Int32(sequences.Count);
                foreach (var sequence in sequences)
                {
                    to.Int64(sequence);
                }
            }

            Connection.EndFrame(call);
        }

        return call;
    }

    /// <summary>A request without a body that is answered at once.</summary>
    public PendingCall BeginPrompt(Op op)
    {
        var call = Begin(op.ToString(), ClientConnection.PromptMicros);
        lock (Connection.SyncRoot)
        {
            Connection.Out.BeginFrame(op, Id, call.Id);
            Connection.EndFrame(call);
        }

        return call;
    }

    /// <summary>A verdict on one held item, to be answered: Done or LeaseLost.</summary>
    public PendingCall BeginSettle(Op verdict, ulong token, long micros = 0, string? reason = null, long sequence = 0)
    {
        var call = Begin(verdict.ToString(), ClientConnection.PromptMicros, evenIfDisposed: true);
        call.AskedAgainFor = sequence;
        WriteSettle(verdict, call, token, micros, reason);
        return call;
    }

    /// <summary>The same verdict on many held items, to be answered with how many were good.</summary>
    public PendingCall BeginSettleMany(Op verdict, IReadOnlyList<ulong> tokens)
    {
        var call = Begin(verdict.ToString(), ClientConnection.PromptMicros, evenIfDisposed: true);
        lock (Connection.SyncRoot)
        {
            var to = Connection.Out;
            to.BeginFrame(verdict, Id, call.Id);
            to.Int32(tokens.Count);
            foreach (var token in tokens)
            {
                to.UInt64(token);
            }

            Connection.EndFrame(call);
        }

        return call;
    }

    /// <summary>A verdict that nobody waits for.</summary>
    public void Settle(Op verdict, ulong token, long micros = 0, string? reason = null)
    {
        WriteSettle(verdict, call: null, token, micros, reason);
        Connection.Flush();
    }

    /// <summary>A verdict that nobody waits for, to be sent with what comes next.</summary>
    public void WriteVerdict(Op verdict, ulong token, string? reason = null) => WriteSettle(verdict, call: null, token, micros: 0, reason);

    /// <summary>Confirms, before the items are handed to the caller, that all of them have arrived.</summary>
    public void ConfirmReceipt(DeliveredItems items, int count)
    {
        lock (Connection.SyncRoot)
        {
            if (IsRefused)
            {
                return;
            }

            var to = Connection.Out;
            to.BeginFrame(Op.Ack, Id, 0);
            to.Int32(count);
            for (; count > 0; count--)
            {
                to.UInt64(items.Next().Token);
            }

            to.EndFrame();
        }

        Connection.Flush();
    }

    /// <summary>The one place where an answer that is no success becomes an exception. Outcomes that the caller expects are not.</summary>
    public void ThrowUnlessAnswered(PendingCall call, string what, bool isPut = false, CancellationToken ct = default)
    {
        if (call.State == CallState.Overdue && !isPut)
        {
            // A broker that is stopped has not confirmed the cancel, but what it may still send goes back by itself. Only a put may have had its effect.
            ct.ThrowIfCancellationRequested();
        }

        ThrowUnlessAnswered(call, what, Name, Connection, isPut);
        switch (call.Answer.Op)
        {
            case Op.Cancelled when _disposed:
                throw Disposed();
            case Op.Cancelled:
                throw new OperationCanceledException(ct);
            case Op.Completed:
                throw Errors.Completed(Name, isPut);
            case Op.Deleted:
                throw Errors.Deleted(Name);
            case Op.NeverFits:
                throw Errors.NeverFits(Name, MaxBytes);
        }
    }

    /// <summary>One more that uses it. Ends with <see cref="Release"/>. Only a lease that is there already outlives the handle.</summary>
    public void AddUser(bool evenIfDisposed = false)
    {
        for (var users = Volatile.Read(ref _users); ;)
        {
            if ((_disposed && !evenIfDisposed) || users == 0)
            {
                throw Disposed();
            }

            if (Refusal is { } refusal)
            {
                throw Errors.Refused(Name, refusal);
            }

            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return;
            }

            users = seen;
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
        {
            return;
        }

        Connection.Forget(this);

        // This may run on a thread that reads for others: never send with it.
        if (!Connection.IsLost)
        {
            WriteClose();
            Connection.FlushSoon();
        }

        _closed?.Invoke();
    }

    /// <summary>The handle is disposed: what it waits for ends.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Connection.CancelAllOf(this);
        Release();
    }

    public ObjectDisposedException Disposed() => new(nameof(IpcQueue<>), $"This handle of queue '{Name}' is disposed. Other handles of the queue are not affected.");

    /// <summary>Lost, overdue and refused calls become exceptions.</summary>
    public static void ThrowUnlessAnswered(PendingCall call, string what, string name, ClientConnection connection, bool isPut)
    {
        if (call.State != CallState.Answered)
        {
            ObjectDisposedException.ThrowIf(connection.IsDisposed, typeof(QueueClient));
            throw Errors.Unavailable(what, name, connection, isPut, call.MayHaveArrived);
        }

        if (call.Answer.Op == Op.Refused)
        {
            throw Errors.Refused(name, call.Body.Rest);
        }
    }

    private void WriteSettle(Op verdict, PendingCall? call, ulong token, long micros, string? reason)
    {
        lock (Connection.SyncRoot)
        {
            if (IsRefused && call is null)
            {
                return;
            }

            var to = Connection.Out;
            to.BeginFrame(verdict, Id, call?.Id ?? 0);
            if (verdict is Op.Nack or Op.Extend)
            {
                to.Int64(micros);
            }

            if (verdict == Op.DeadLetter || (verdict == Op.Nack && Connection.Version > 1))
            {
                to.Text(Shorten(reason ?? string.Empty));
            }

            to.Int32(1);
            to.UInt64(token);
            if (call is null)
            {
                to.EndFrame();
            }
            else
            {
                Connection.EndFrame(call);
            }
        }
    }

    public static string Shorten(string reason) => reason.Length <= ProtocolLimits.ReasonCharsMax ? reason : reason[..ProtocolLimits.ReasonCharsMax];
}
