using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Broker;
using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Tests.Simulation;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Protocol;

/// <summary>A broker without a pipe. Its sessions answer on the thread that sends: what is answered at once is there when Send returns.</summary>
internal sealed class SessionBroker : IDisposable
{
    private readonly IClock _clock;
    private readonly BrokerServices _services;
    private readonly List<BrokerSession> _sessions = [];
    private readonly List<BrokerSession> _ended = [];

    /// <param name="options">Its limits.</param>
    /// <param name="clock">A clock that the test has in its hand, or none for the machine's.</param>
    /// <param name="store">What keeps its named queues, or none.</param>
    public SessionBroker(QueueBrokerOptions? options = null, IClock? clock = null, IQueueStore? store = null)
    {
        _clock = clock ?? new DeadlineClock();
        _services = new BrokerServices(options ?? new QueueBrokerOptions(), NullLogger.Instance, _clock, () => [.. _sessions.Except(_ended)], _ended.Add).Start(store);
    }

    public QueueRegistry Queues => _services.Queues;

    public SessionClient Connect()
    {
        var (mine, theirs) = MemoryLink.CreatePair();
        var session = Accept(theirs);
        return new SessionClient(mine, () => _ended.Contains(session));
    }

    public BrokerSession Accept(IPushLink link)
    {
        var session = new BrokerSession(_services, link);
        _sessions.Add(session);
        link.Received = session.Receive;
        link.Ended = session.EndInside;
        return session;
    }

    /// <summary>A client that has greeted, with a queue open as number 1.</summary>
    public SessionClient ConnectAndOpen(string name = "jobs", int? capacity = null, long maxBytes = 0)
    {
        var client = Connect();
        client.Ask(Op.Hello, 0, 1, write: EveryFrame.Hello);
        client.Ask(Op.Open, 0, 2, write: to => EveryFrame.OpenAs(to, name, capacity, maxBytes));
        return client;
    }

    /// <summary>A handle of the queue "jobs" in a process with a clock of its own, and both ends of its pipe, which deliver at once.</summary>
    public (IpcQueue<byte[]> Queue, SimulatedLink Mine, SimulatedLink Brokers) Open(SimulatedClock clock, QueueOptions? options = null)
    {
        var (mine, brokers) = SimulatedLink.CreatePair(Link.BufferBytes, () => 0);
        mine.IsDirect = brokers.IsDirect = true;
        var connection = ClientConnection.Connect("simulation", mine, () => Accept(brokers), clock);
        return (new IpcQueue<byte[]>(ClientQueue.Open(connection, "jobs", options), RawBytesSerializer.Instance), mine, brokers);
    }

    public void Dispose() => (_clock as IDisposable)?.Dispose();
}

/// <summary>The other end of a session, frame by frame.</summary>
internal sealed class SessionClient
{
    private readonly MemoryLink _link;
    private readonly FrameReader _reader = new(int.MaxValue);
    private readonly List<WireFrame> _received = [];
    private readonly Func<bool> _sessionEnded;

    public SessionClient(MemoryLink link, Func<bool> sessionEnded)
    {
        (_link, _sessionEnded) = (link, sessionEnded);
        link.Received = Receive;
        link.Ended = () => IsDisconnected = true;
    }

    public bool IsDisconnected { get; private set; }

    /// <summary>What to do when the broker has ended the connection, before that is over.</summary>
    public Action? OnError { get; set; }

    /// <summary>Whether the broker has undone all that was the session's.</summary>
    public bool HasSessionEnded => _sessionEnded();

    /// <summary>Sends bytes; after an error there is nobody to send them to.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (!IsDisconnected)
        {
            _link.Write(bytes);
        }
    }

    public void Send(WireFrame frame) => Send(frame.ToBytes());

    public void Disconnect() => _link.Abort();

    /// <summary>What has come since it was last asked.</summary>
    public IReadOnlyList<WireFrame> Take()
    {
        WireFrame[] taken = [.. _received];
        _received.Clear();
        return taken;
    }

    /// <summary>Sends a frame and takes all that comes back at once.</summary>
    public IReadOnlyList<WireFrame> Ask(WireFrame frame)
    {
        Send(frame);
        return Take();
    }

    public IReadOnlyList<WireFrame> Ask(Op op, uint queue, ulong request, byte flags = 0, Action<OutBuffer>? write = null) =>
        Ask(WireFrame.Make(op, queue, request, flags, write));

    /// <summary>Sends a request that has one answer, for this request and queue.</summary>
    public WireFrame AskOne(Op op, uint queue, ulong request, byte flags = 0, Action<OutBuffer>? write = null)
    {
        var answer = Assert.Single(Ask(op, queue, request, flags, write));
        Assert.Equal(request, answer.Request);
        return answer;
    }

    private void Receive(ReadOnlySpan<byte> bytes)
    {
        var frames = WireFrame.Feed(_reader, bytes);
        _received.AddRange(frames);
        if (frames.Any(frame => frame.Op == Op.Error))
        {
            OnError?.Invoke();

            // The connection is over, and whoever hears that closes it.
            IsDisconnected = true;
            _link.Abort();
        }
    }
}
