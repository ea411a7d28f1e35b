using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Broker;

/// <summary>A broker inside this process: listens, has a session for every connection, and ends them all when it ends.</summary>
internal sealed class BrokerHost : IDisposable
{
    /// <summary>How long sessions may take to end before their pipes are given up.</summary>
    public const int StopMs = 5000;

    private static readonly ConcurrentDictionary<string, BrokerHost> HostsHere = new();

    private readonly object _lock = new();
    private readonly HashSet<BrokerSession> _sessions = [];

    // Those that had not greeted when last looked at, oldest first.
    private readonly List<BrokerSession> _silent = [];
    private readonly DeadlineClock _clock = new();
    private readonly BrokerServices _services;
    private readonly PipeListener _listener;
    private readonly IQueueStore? _store;

    /// <summary>Whether the disk has room for puts; memory has none to ask for.</summary>
    public bool HasRoom => _store?.HasRoom ?? true;
    private readonly TaskCompletionSource<Exception?> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClientConnection? _inside;
    private bool _stopping;

    public BrokerHost(QueueBrokerOptions options)
    {
        options.Validate();
        FileDescriptors.CheckForBroker();

        // A copy: what the caller does with them later is not meant for this broker.
        options = options with { };
        Endpoint = PipeNames.EndpointOf(options.Name ?? $"{PipeNames.UnnamedPrefix}{Guid.NewGuid():N}");
        var logger = options.LoggerFactory?.CreateLogger("QueueIpc.Broker") ?? NullLogger.Instance;
        _services = new BrokerServices(options, logger, _clock, Sessions, SessionEnded) { Endpoint = Endpoint };
        _store = options.Storage?.Open(new StoreContext(logger, _services.UnixOffset, Fail, () => _services.Queues?.ResumeStarved()));
        try
        {
            _services.Start(_store, BitConverter.ToUInt32(_services.InstanceToken));
            _listener = new PipeListener(Endpoint, AcceptPipe, logger);
        }
        catch
        {
            _clock.Dispose();
            _store?.Dispose();
            throw;
        }

        if (options.Name is not null)
        {
            LeaseRecord.Clear(Endpoint);
        }

        HostsHere[Endpoint] = this;
        BrokerMetrics.Observe();
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        Log.Listening(logger, Endpoint);
    }

    public string Endpoint { get; }

    /// <summary>All brokers of this process.</summary>
    public static IEnumerable<BrokerHost> Here => HostsHere.Values;

    public QueueRegistry Queues => _services.Queues;

    /// <summary>Ends when the storage can keep nothing any more, with the reason: whoever owns this broker ends it then.</summary>
    public Task<Exception?> Failed => _failed.Task;

    public int ConnectionCount
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>The broker at that endpoint, if it is one of this process.</summary>
    public static BrokerHost? FindHere(string endpoint) => HostsHere.GetValueOrDefault(endpoint);

    /// <summary>The connection of this process to its own broker, without a pipe.</summary>
    public ClientConnection Inside
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_stopping, typeof(QueueBroker));
                return _inside ??= ClientConnection.Connect(Endpoint, AcceptInside);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        HostsHere.TryRemove(Endpoint, out _);
        _listener.StopAccepting();
        _services.IsStopping = true;
        EndSessions();
        _clock.Dispose();
        _store?.Dispose();
        _listener.Dispose();
        Log.Ended(_services.Logger, Endpoint);
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();

    /// <summary>What waits to be kept is unknown from now on, and its callers are told so: their connections end.</summary>
    private void Fail(Exception reason)
    {
        _services.IsStopping = true;
        _listener.StopAccepting();
        foreach (var session in Sessions())
        {
            session.Abort(ErrorCode.Stopping, reason.Message);
        }

        _failed.TrySetResult(reason);
    }

    private void AcceptPipe(ILink link, bool descriptorsAreShort)
    {
        var session = new BrokerSession(_services, link);
        if (descriptorsAreShort)
        {
            Refuse(session, link, ErrorCode.TooManyConnections, "the broker's process has no file descriptors to spare (ulimit -n)");
            return;
        }

        if (!TryAdd(session, out var tooMany, out var silentTooLong))
        {
            Refuse(session, link, tooMany ? ErrorCode.TooManyConnections : ErrorCode.Stopping,
                tooMany ? $"the broker has {_services.Options.MaxConnections} connections, its limit" : "the broker is stopping");
            return;
        }

        silentTooLong?.Abort(ErrorCode.TooManyConnections, $"{_services.Options.MaxSilentConnections} connections have not greeted yet, the limit, and this one is the oldest of them");
        BackgroundThread.Start("QueueIpc session", session.Run);
    }

    private void Refuse(BrokerSession session, ILink link, ErrorCode code, string why)
    {
        Log.ConnectionRefused(_services.Logger, why);
        session.Abort(code, why);
        link.Close();
    }

    private void AcceptInside(MemoryLink link)
    {
        var session = new BrokerSession(_services, link);
        TryAdd(session, out _, out _);
        link.Received = session.Receive;
        link.Ended = session.EndInside;
    }

    private bool TryAdd(BrokerSession session, out bool tooMany, out BrokerSession? silentTooLong)
    {
        lock (_lock)
        {
            silentTooLong = null;
            tooMany = _sessions.Count >= _services.Options.MaxConnections;
            if (tooMany || _stopping)
            {
                return false;
            }

            _sessions.Add(session);
            _silent.Add(session);
            if (_silent.Count > _services.Options.MaxSilentConnections)
            {
                _silent.RemoveAll(one => one.HasGreetedOrEnded);
            }

            if (_silent.Count > _services.Options.MaxSilentConnections)
            {
                silentTooLong = _silent[0];
                _silent.RemoveAt(0);
            }

            return true;
        }
    }

    private void SessionEnded(BrokerSession session)
    {
        lock (_lock)
        {
            _sessions.Remove(session);
            Monitor.PulseAll(_lock);
        }
    }

    private IReadOnlyList<BrokerSession> Sessions()
    {
        lock (_lock)
        {
            return [.. _sessions];
        }
    }

    private void EndSessions()
    {
        foreach (var session in Sessions())
        {
            session.Abort(ErrorCode.Stopping, "the broker was stopped");
        }

        var deadline = MonotonicClock.Now + (StopMs * 1000L);
        lock (_lock)
        {
            while (_sessions.Count > 0 && MonotonicClock.Now is var now && now < deadline)
            {
                Monitor.Wait(_lock, (int)((deadline - now) / 1000) + 1);
            }
        }
    }
}
