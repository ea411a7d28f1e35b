using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>
/// One connection to a broker, shared by all threads and queues of its owner: sends requests and brings every answer to who waits for it.
/// This file is the connection's life and its sending; ClientConnection.Reading.cs says who reads.
/// </summary>
internal sealed partial class ClientConnection : Due, IDisposable
{
    /// <summary>A request that the broker answers at once is overdue after this (and the usual grace).</summary>
    public const long PromptMicros = 10_000_000;

    private const int PooledCallsMax = 64;

    /// <summary>The clock of all clients of this process.</summary>
    private static readonly DeadlineClock MachineClock = new();

    private readonly CallTable _calls = new();
    private readonly Lock _poolLock = new();
    private readonly Stack<PendingCall> _pool = new();
    private readonly object _syncRoot = new();
    private ILink _link;
    private FrameReader _reader;
    private Outbox _outbox;

    // By which the broker finds its lease records.
    private ulong _client = (ulong)Random.Shared.NextInt64() | 1;
    private string? _lostBecause;
    private string? _interruptedBecause;
    private string? _lostLastBecause;
    private volatile bool _disposed;
    private bool _isOfOldBroker;
    private ErrorCode? _endedWith;

    private ClientConnection(string endpoint, ILink link, IClock? simulated = null)
    {
        Endpoint = endpoint;
        Clock = simulated ?? MachineClock;
        IsSimulated = simulated is not null;
        _link = link;
        _outbox = NewOutbox(link);
        _reader = new FrameReader(ProtocolLimits.HelloBytesMax);
        Leases = new LeaseKeeper(this);
    }

    /// <summary>What its parent calls this process, if it is a worker; empty for its program's name.</summary>
    public static string ProcessName { get; set; } = string.Empty;

    public string Endpoint { get; }

    /// <summary>The version of the protocol that holds on this connection.</summary>
    public ushort Version { get; private set; }

    /// <summary>The largest item that the broker takes.</summary>
    public int MaxItemBytes { get; private set; }

    public int BrokerProcessId { get; private set; }

    /// <summary>Whether the broker has a storage, and answers when that has kept something.</summary>
    public bool KeepsItems { get; private set; }

    public LeaseKeeper Leases { get; }

    public ILogger Logger { get; private init; } = NullLogger.Instance;

    public bool IsLost => Volatile.Read(ref _lostBecause) is not null;

    /// <summary>Whether its owner has closed it.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>Why the connection is over.</summary>
    public string LostBecause => Volatile.Read(ref _lostBecause) ?? _state switch
    {
        QueueClientState.Connected => "the broker did not answer in time",
        QueueClientState.Reconnecting => $"{_interruptedBecause}, and is looked for",
        _ => _lostLastBecause!,
    };

    public IClock Clock { get; }

    /// <summary>Whether there is one thread and no other: whoever has waited goes on in it, before his answer's reader does.</summary>
    public bool IsSimulated { get; }

    /// <summary>A call for one answer. Write its frame, then wait for it.</summary>
    /// <param name="owner">The queue that it is about; null is the connection itself.</param>
    /// <param name="waitMicros">When the broker will have answered; -1 is never mind when.</param>
    public PendingCall? TryBegin(ClientQueue? owner, long waitMicros)
    {
        PendingCall? call;
        lock (_poolLock)
        {
            _pool.TryPop(out call);
        }

        call ??= new PendingCall(this);
        if (!call.TryBegin(_calls, owner, waitMicros))
        {
            return null;
        }

        ReconnectIfAway();
        return call;
    }

    public bool TryBegin(IReplyTarget target, out ulong id)
    {
        if (!_calls.TryAdd(target, out id))
        {
            return false;
        }

        ReconnectIfAway();
        return true;
    }

    /// <summary>A record for a reader of leases; null where there is none.</summary>
    public LeaseRecord? TryCreateRecord(ulong request) => _link.Pushes || Version < 2 ? null : LeaseRecord.TryCreate(Endpoint, _client, request);

    /// <summary>The answer is read: the call may be used again.</summary>
    public void Return(PendingCall call)
    {
        lock (_poolLock)
        {
            if (_pool.Count < PooledCallsMax)
            {
                _pool.Push(call);
            }
        }
    }

    /// <summary>Nobody waits for the call any more. It is cancelled; if items come for it after all, they go back.</summary>
    /// <param name="call">The call.</param>
    /// <param name="owner">The queue that it used; it has to stay open until it is known what came of the call.</param>
    public void Abandon(PendingCall call, ClientQueue? owner)
    {
        if (_calls.Replace(call.Id, call, new LateAnswers(this, owner)))
        {
            SendCancel(owner, call.Id);
        }
        else
        {
            owner?.Release();
        }
    }

    /// <summary>Asks the broker to end a request on a queue. One about the connection is answered at once: there is nothing to end.</summary>
    public void SendCancel(ClientQueue? queue, ulong request)
    {
        if (queue is null)
        {
            return;
        }

        lock (SyncRoot)
        {
            if (queue.IsRefused)
            {
                return;
            }

            Out.BeginFrame(Op.Cancel, queue.Id, request);
            Out.EndFrame();
        }

        Flush();
    }

    /// <summary>Where frames are written, under <see cref="SyncRoot"/>; then call <see cref="Flush"/>.</summary>
    public OutBuffer Out => _outbox.Open;

    public object SyncRoot => _syncRoot;

    /// <summary>Sends what was written, with this thread if that cannot block.</summary>
    public void Flush() => _outbox.Flush();

    /// <summary>Sends what was written, and returns when it has left this process, by whichever thread. Not while a lock is held.</summary>
    public void FlushThrough()
    {
        if (_link.Pushes)
        {
            _outbox.Flush();
        }
        else
        {
            _outbox.FlushThrough();
        }
    }

    /// <summary>Sends what was written, soon, together with what others write meanwhile. Never runs anything on this thread.</summary>
    public void FlushSoon() => _outbox.FlushSoon();

    /// <summary>For callers who wait without a thread: while others do so as well, what they all send goes together.</summary>
    public void FlushTogether()
    {
        if (Volatile.Read(ref _waitingWithoutThread) > 0)
        {
            FlushSoon();
        }
        else
        {
            Flush();
        }
    }

    /// <summary>Ends what was requested for this owner; each request still gets its one answer.</summary>
    public void CancelAllOf(ClientQueue owner)
    {
        foreach (var (id, target) in _calls.All())
        {
            if (ReferenceEquals(target.Owner, owner))
            {
                target.Cancel(id);
            }
        }
    }

    /// <summary>An orderly end: what is held goes back without counting as a failure.</summary>
    public void Dispose()
    {
        _disposed = true;
        _stopReconnecting?.Cancel();
        lock (SyncRoot)
        {
            Out.BeginFrame(Op.Bye, 0, 0);
            Out.EndFrame();
            _outbox.Finish();
        }

        Lose("the connection was closed by its owner");
    }

    private Outbox NewOutbox(ILink link) => new(link, long.MaxValue, () => CloseIfUnused(link), _syncRoot);

    /// <summary>The pipe is gone, and perhaps another one comes.</summary>
    private void LosePipe(string why)
    {
        if (!TryInterrupt(why))
        {
            Lose(why);
        }
    }

    private void Lose(string why)
    {
        if (Interlocked.CompareExchange(ref _lostBecause, why, null) is not null)
        {
            return;
        }

        var isNews = !_disposed && BrokerProcessId != 0;
        if (isNews)
        {
            // The next one there may be a newer one.
            OldBrokers.Remove(Endpoint);
        }

        _outbox.FlushAndEnd();
        foreach (var (_, target) in _calls.Close())
        {
            target.OnLost();
        }

        Leases.Dispose();
        Clock.Forget(this);
        CloseIfUnused(_link);
        if (isNews)
        {
            Log.ConnectionLost(Logger, Endpoint, why);
        }
    }
}
