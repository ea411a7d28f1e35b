using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>What all sessions of a broker share.</summary>
internal sealed class BrokerServices(
    QueueBrokerOptions options, ILogger logger, IClock clock, Func<IReadOnlyList<BrokerSession>> sessions, Action<BrokerSession> sessionEnded)
{
    private long _unixOffset = WallClock.UnixMicros - clock.Now;

    public QueueBrokerOptions Options { get; } = options;

    public ILogger Logger { get; } = logger;

    public IClock Clock { get; } = clock;

    public QueueRegistry Queues { get; private set; } = null!;

    /// <summary>Where clients connect; null where they need no pipe.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Tells one life of a broker from the next on the same name.</summary>
    public byte[] InstanceToken { get; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>
    /// What to add to a time of the broker's clock to get microseconds since 1970. It stays the same, unless the machine's clock was set, or the machine slept,
    /// by more than a second: an event should not have another time whenever one looks.
    /// </summary>
    public long UnixOffset
    {
        get
        {
            var (known, actual) = (Volatile.Read(ref _unixOffset), WallClock.UnixMicros - Clock.Now);
            if (Math.Abs(actual - known) <= 1_000_000)
            {
                return known;
            }

            Volatile.Write(ref _unixOffset, actual);
            return actual;
        }
    }

    /// <summary>Also where all items are small, the receipt for everything that one get delivered fits.</summary>
    public int FrameBodyBytesMax { get; } = Math.Max(options.MaxItemBytes, QueueMachine.DeliveryItemsMax * sizeof(ulong)) + ProtocolLimits.FrameOverheadBytesMax;

    /// <summary>All that are connected at this moment.</summary>
    public Func<IReadOnlyList<BrokerSession>> Sessions { get; } = sessions;

    public Action<BrokerSession> SessionEnded { get; } = sessionEnded;

    /// <summary>The broker ends its sessions itself: what their clients have in hand has not failed.</summary>
    public volatile bool IsStopping;

    public BrokerServices Start(IQueueStore? store = null, uint life = 0)
    {
        Queues = new QueueRegistry(Clock, Options.EffectiveMaxMemoryBytes, Options.MaxQueues, Logger, store, life);
        return this;
    }
}
