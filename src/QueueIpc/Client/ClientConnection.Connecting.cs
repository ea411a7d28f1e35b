using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>How a connection is made: the pipe, and the greeting.</summary>
internal sealed partial class ClientConnection
{
    /// <summary>Connects over a pipe, and greets.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="options">How.</param>
    /// <param name="ct">Ends the attempt, also one whose greeting is not answered.</param>
    /// <param name="found">Told that somebody listens there, before it is known whether he answers; and of nobody (null) when he went away without an answer.</param>
    public static ClientConnection Connect(string endpoint, QueueClientOptions options, CancellationToken ct, Action<string?>? found = null) =>
        Connect(endpoint, options.ConnectTimeout, ct, options.LoggerFactory?.CreateLogger("QueueIpc.Client"), options, found: found);

    private static ClientConnection Connect(
        string endpoint, TimeSpan timeout, CancellationToken ct, ILogger? logger = null, QueueClientOptions? options = null, Guid producer = default, Action<string?>? found = null)
    {
        var deadline = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : MonotonicClock.Now + (timeout.Ticks / TimeSpan.TicksPerMicrosecond);
        while (true)
        {
            var link = PipeConnector.TryConnect(endpoint, deadline, ct, out var obstacle) ?? throw Errors.NobodyServes(endpoint, timeout, obstacle);
            var connection = new ClientConnection(endpoint, link)
            {
                Logger = logger ?? NullLogger.Instance,
                WhenItemsAreLost = options?.WhenItemsAreLost ?? default,
                Producer = producer == default ? Guid.NewGuid() : producer,
            };
            found?.Invoke(endpoint);
            bool isGreeted;
            using (ct.UnsafeRegister(static greeting => ((ClientConnection)greeting!).Dispose(), connection))
            {
                isGreeted = connection.TryGreet(deadline, OldBrokers.VersionFor(endpoint));
            }

            // Once the registration is gone, the token ends nothing any more: a connection that is whole now stays so.
            if (isGreeted && !connection.IsDisposed)
            {
                // Nobody comes to an unnamed broker's place.
                connection._reconnectTimeout = options is null || PipeNames.IsUnnamed(endpoint) ? TimeSpan.Zero : options.ReconnectTimeout;
                Log.Connected(connection.Logger, endpoint, connection.BrokerProcessId);
                return connection;
            }

            connection.Dispose();
            ct.ThrowIfCancellationRequested();
            found?.Invoke(null);
            if (connection._isOfOldBroker)
            {
                OldBrokers.Add(endpoint);
                continue;
            }

            if (MonotonicClock.Now >= deadline)
            {
                throw Errors.NoGreeting(endpoint, timeout);
            }

            // The broker was just ending: perhaps the next one is there soon.
            ct.WaitHandle.WaitOne(1);
        }
    }

    /// <summary>Connects to a broker in this same process; <paramref name="attach"/> gives it the other end.</summary>
    public static ClientConnection Connect(string endpoint, Action<MemoryLink> attach)
    {
        var (mine, theirs) = MemoryLink.CreatePair();
        return Connect(endpoint, mine, () => attach(theirs));
    }

    /// <summary>Connects over a link that pushes what comes; <paramref name="attach"/> has the broker take the other end.</summary>
    public static ClientConnection Connect(string endpoint, IPushLink link, Action attach, IClock? simulated = null)
    {
        var connection = new ClientConnection(endpoint, link, simulated);
        link.Received = connection.Receive;
        link.Ended = () => connection.Lose("the broker has ended");
        attach();
        connection.TryGreet(long.MaxValue, ProtocolLimits.Version);
        return connection;
    }

    private bool TryGreet(long deadline, ushort version)
    {
        using var call = TryBegin(owner: null, ProtocolLimits.Forever);
        if (call is null)
        {
            return false;
        }

        lock (SyncRoot)
        {
            Out.BeginFrame(Op.Hello, 0, call.Id);
            Out.UInt32(ProtocolLimits.Magic);
            Out.UInt16(version);
            Out.Int32(Environment.ProcessId);
            if (version > 1)
            {
                Out.Copy(Producer.ToByteArray());
                Out.UInt64(_link.Pushes ? 0 : _client);
                Out.Text(ProcessName);
            }

            Out.EndFrame();
        }

        Flush();
        if (!_link.Pushes)
        {
            ReadUntil(call, deadline);
        }

        if (call.State != CallState.Answered || call.Answer.Op != Op.Welcome)
        {
            if (_endedWith == ErrorCode.BadVersion && version > ProtocolLimits.VersionMin)
            {
                _isOfOldBroker = true;
                return false;
            }

            return IsLost && LostBecause is var why && why.StartsWith(RefusedByBroker, StringComparison.Ordinal)
                ? throw new BrokerUnavailableException($"The broker at '{Endpoint}' refused the connection: {why}") { Refusal = why[(why.IndexOf(", ", StringComparison.Ordinal) + 2)..] }
                : false;
        }

        var body = call.Body;
        Version = body.UInt16();
        MaxItemBytes = body.Int32();
        _reader.BodyBytesMax = Math.Max(body.Int32(), AnswerBytesMax);
        BrokerProcessId = body.Int32();
        _instanceToken = body.Take(AnswerCheck.InstanceTokenBytes).ToArray();
        KeepsItems = Version > 1 && !body.Rest.IsEmpty && body.Bool();
        return true;
    }
}
