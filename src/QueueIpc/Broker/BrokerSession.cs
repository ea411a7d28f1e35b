using Microsoft.Extensions.Logging;
using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Broker;

/// <summary>
/// One client in the broker: reads its frames, checks them, and passes each to the queue it is about. This file is the
/// session's life; BrokerSession.Requests.cs has the requests.
/// </summary>
internal sealed partial class BrokerSession : Due
{
    private readonly object _lock = new();
    private readonly BrokerServices _services;
    private readonly ILink _link;
    private readonly FrameReader _reader = new(ProtocolLimits.HelloBytesMax);
    private readonly FlushList _touched = new();
    private readonly FrameTimer _frameTimer;
    private readonly Dictionary<uint, (QueueEngine Queue, Attachment Attachment)> _open = [];
    private readonly Dictionary<QueueEngine, ClientShare> _shares = [];
    private readonly List<string> _owned = [];
    private readonly WaitingPuts _waitingPuts = new();
    private uint _lastQueueId;
    private Guid _producer;

    // By which its lease records are found; 0 if it has none.
    private ulong _client;
    private string? _name;
    private bool _greeted;
    private bool _saidBye;
    private bool _ended;

    // The client was told that this is the end: nothing that it says is heard any more.
    private volatile bool _isOver;

    public BrokerSession(BrokerServices services, ILink link)
    {
        _services = services;
        _link = link;
        Outbox = new Outbox(link, services.Options.MaxUnsentBytes);
        _frameTimer = new FrameTimer(services.Clock, services.Options.FrameTimeout, AbortSlow);
        _connectedAt = services.Clock.Now;
        if (link.Pushes)
        {
            services.Clock.Schedule(this, GreetsBy);
        }
    }

    public Outbox Outbox { get; }

    /// <summary>The client's process, as it said; 0 before it did.</summary>
    public int ProcessId { get; private set; }

    /// <summary>What people call the client: as its parent does, or its program. Empty when the process is gone, or the system does not tell.</summary>
    public string Program => _name ?? ProgramName.Of(ProcessId);

    /// <summary>The version of the protocol that holds on this connection.</summary>
    public ushort Version { get; private set; }

    /// <summary>Reads until the end. This is the session's own thread.</summary>
    public void Run()
    {
        try
        {
            while (Read() is > 0 and var bytes)
            {
                if (_isOver)
                {
                    // Read and thrown away: closing a socket with something unread in it takes our last word from the client.
                    continue;
                }

                _reader.Received(bytes);
                while (!ProcessFrames())
                {
                    Outbox.AwaitRoom(_services.Options.FrameTimeout);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // The other end is gone, in whatever way.
        }

        End();

        // Only then is it over: the last pipe of an endpoint takes the socket file with it, which by then could be the next broker's.
        _link.Close();
        _services.SessionEnded(this);
    }

    /// <summary>A greeting that is there in time is heard, however late this thread gets to it: it looks before it goes by the clock.</summary>
    private int Read()
    {
        if (!_greeted && !_isOver)
        {
            var left = Math.Max(0, GreetsBy - _services.Clock.Now);
            var bytes = _link.Read(_reader.FreeSpace(), (int)Math.Min((left + 999) / 1000, int.MaxValue));
            if (bytes != Link.NothingYet)
            {
                return bytes;
            }

            AbortSilent();
        }

        return _link.Read(_reader.FreeSpace());
    }

    private long GreetsBy => _connectedAt + ((long)_services.Options.HandshakeTimeout.TotalMilliseconds * 1000);

    /// <summary>Takes bytes from a client in this same process.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            while (!bytes.IsEmpty && !_isOver && !_ended)
            {
                _reader.Take(ref bytes);
                ProcessFrames();
            }
        }
    }

    /// <summary>The connection is over: everything of it is undone, and what it held goes back.</summary>
    private void End()
    {
        var held = 0;
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            _reader.Release();
            _frameTimer.End();
            _services.Clock.Forget(this);
            Outbox.Close();
            LearnFromRecords();
            foreach (var (queue, attachment) in _open.Values)
            {
                held += queue.Detach(attachment, failed: !_saidBye && !_services.IsStopping, _touched);
            }

            foreach (var name in _owned)
            {
                DeleteIfThere(name);
            }

            _touched.Flush();
        }

        LogEnd(held);
    }

    /// <summary>What a client did in its last moments, and could not say any more: which leases its consumers have got and acked.</summary>
    private void LearnFromRecords()
    {
        if (_client == 0 || _saidBye || _services.Endpoint is not { } endpoint)
        {
            return;
        }

        foreach (var (request, handedOver, acked) in LeaseRecord.TakeAll(endpoint, _client))
        {
            foreach (var (queue, attachment) in _open.Values)
            {
                queue.Do((machine, now) => machine.Learn(attachment, request, handedOver, acked, now), _touched);
            }
        }
    }

    private void LogEnd(int held)
    {
        if (_saidBye)
        {
            Log.ClientLeft(_services.Logger, ProcessId);
        }
        else if (held > 0)
        {
            Log.HolderLost(_services.Logger, ProcessId, held);
        }
        else if (_greeted)
        {
            Log.ClientLost(_services.Logger, ProcessId);
        }
    }

    /// <summary>Whether it has said what it is, or is over without that.</summary>
    public bool HasGreetedOrEnded => Volatile.Read(ref _greeted) || Volatile.Read(ref _ended);

    /// <summary>The client in this same process has gone.</summary>
    public void EndInside()
    {
        End();
        _services.SessionEnded(this);
    }

    /// <summary>The broker has no use for this client. May be called from any thread.</summary>
    public void Abort(ErrorCode code, string message)
    {
        _isOver = true;
        lock (Outbox.SyncRoot)
        {
            WriteRefusal(Op.Error, 0, 0, code, message);
            Outbox.Finish();
        }

        Outbox.FlushAndEnd();
    }

    public override void OnDue(long now)
    {
        if (!Volatile.Read(ref _greeted))
        {
            AbortSilent();
        }
    }

    private void AbortSilent() => Abort(ErrorCode.HandshakeTimeout, "no greeting came in time");

    /// <summary>Handles what has come. False when it left some of that because the client has too much unread.</summary>
    private bool ProcessFrames()
    {
        try
        {
            while (!_ended && !_isOver && _reader.TryRead(out var header, out var body))
            {
                _frameTimer.Stop();
                Handle(header, body);
                if (Outbox.IsWorthFlushing)
                {
                    _touched.Flush();
                }

                if (Outbox.IsCongested && !_link.Pushes)
                {
                    return false;
                }
            }

            if (_reader.IsInsideFrame)
            {
                _frameTimer.Start();
            }

            return true;
        }
        catch (ProtocolException e)
        {
            Log.ProtocolBroken(_services.Logger, ProcessId, e.Code, e.Message);
            Abort(e.Code, e.Message);
            return true;
        }
        finally
        {
            _touched.Flush();
        }
    }

    private void AbortSlow() =>
        Abort(ErrorCode.TooSlow, $"a frame was not whole {_services.Options.FrameTimeout.TotalSeconds:0.###} s after it had begun");

    private void WriteRefusal(Op op, uint queue, ulong request, ErrorCode code, string message)
    {
        lock (Outbox.SyncRoot)
        {
            Answers.WriteRefusal(Outbox.Open, op, queue, request, code, message);
        }
    }

    /// <summary>What a client is called, if what it said is a name: it may be something that this broker does not know.</summary>
    private static string? NameIn(BodyReader body)
    {
        try
        {
            return body.Text() is var name && QueueNames.Problem(name) is null ? name : null;
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    private void Hello(in FrameHeader header, BodyReader body)
    {
        if (_greeted)
        {
            throw new ProtocolException(ErrorCode.GreetedTwice, "a second greeting on one connection");
        }

        if (header.Op != Op.Hello)
        {
            throw new ProtocolException(ErrorCode.NotGreeted, $"the first frame is {header.Op}, not Hello");
        }

        if (header.Queue != 0)
        {
            throw new ProtocolException(ErrorCode.UnknownOp, $"a greeting is about a connection, and this one is about queue {header.Queue}");
        }

        if (body.UInt32() is var magic && magic != ProtocolLimits.Magic)
        {
            throw new ProtocolException(ErrorCode.BadMagic, $"the greeting begins with 0x{magic:x8}; this is a QueueIpc broker");
        }

        if (body.UInt16() is var version && version is < ProtocolLimits.VersionMin or > ProtocolLimits.Version)
        {
            throw new ProtocolException(
                ErrorCode.BadVersion, $"the client speaks version {version} of the protocol, the broker versions {ProtocolLimits.VersionMin} to {ProtocolLimits.Version}");
        }

        ProcessId = body.Int32();
        if (version == 1)
        {
            body.End();
        }

        // A client that may come back says who it is. What follows in a later version's greeting is for brokers that know of it.
        _producer = version > 1 && body.Rest.Length >= ProtocolLimits.ProducerBytes ? new Guid(body.Take(ProtocolLimits.ProducerBytes)) : Guid.NewGuid();
        if (version > 1 && body.Rest.Length >= sizeof(ulong))
        {
            _client = body.UInt64();
            _name = NameIn(body);
        }

        Version = version;
        Volatile.Write(ref _greeted, true);
        _reader.BodyBytesMax = _services.FrameBodyBytesMax;
        Log.ClientConnected(_services.Logger, ProcessId);
        lock (Outbox.SyncRoot)
        {
            var to = Outbox.Open;
            to.BeginFrame(Op.Welcome, 0, header.Request);
            to.UInt16(Version);
            to.Int32(_services.Options.MaxItemBytes);
            to.Int32(_services.FrameBodyBytesMax);
            to.Int32(Environment.ProcessId);
            to.Copy(_services.InstanceToken);
            if (Version > 1)
            {
                to.Bool(_services.Queues.AreKept);
            }

            to.EndFrame();
        }

        _touched.Add(Outbox);
    }
}
