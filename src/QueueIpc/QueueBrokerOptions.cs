using Microsoft.Extensions.Logging;
using QueueIpc.Transport;

namespace QueueIpc;

/// <summary>How a broker is set up. Every limit has a default that suits one machine and one user.</summary>
public sealed record QueueBrokerOptions
{
    /// <summary>
    /// The name under which clients of the same user find the broker: 1 to 64 ASCII letters, digits, '.', '_' or '-', the first of them no '.'.
    /// Null (the default) gives it a name that nobody can guess; pass its <see cref="QueueBroker.Endpoint"/> on.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>Whether a broker process lives on when its owner ends or disposes it. Only for <see cref="QueueBroker.StartProcess"/>.</summary>
    public bool Detached { get; set; }

    /// <summary>The largest item, in bytes as serialised; 16 MiB by default, less than 1 GiB. Whoever needs more passes a file's name.</summary>
    public int MaxItemBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How much memory all items together may take, in bytes, each counted with 64 more than it has; beyond it puts wait. 0 (the default) means a quarter of what the
    /// process may use; any other value has room for one item of <see cref="MaxItemBytes"/>. An item that is leased, delayed, or got and not yet confirmed counts with 176 bytes
    /// more, a dead one with its reason.
    /// </summary>
    public long MaxMemoryBytes { get; set; }

    /// <summary>How many clients may be connected at once; 4,096 by default. Each has a thread. One more is refused.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>How many of the connections may not have greeted yet; 1,024 by default. One more, and the one that has been silent longest is ended.</summary>
    public int MaxSilentConnections { get; set; } = 1024;

    /// <summary>How many queues there may be; 100,000 by default.</summary>
    public int MaxQueues { get; set; } = 100_000;

    /// <summary>How many queues one connection may have open, the same one opened twice counting twice; 65,536 by default.</summary>
    public int MaxOpenQueues { get; set; } = 65_536;

    /// <summary>How many requests of one connection may wait on one queue; 65,536 by default.</summary>
    public int MaxWaitsPerQueue { get; set; } = 65_536;

    /// <summary>How many bytes the puts of one connection that wait may have together; 256 MiB by default. A single put is never too large to wait.</summary>
    public long MaxWaitingBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>How many items of one queue one connection may hold, leased or not yet confirmed, before it gets no more; 1,048,576 by default.</summary>
    public int MaxHeldPerQueue { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many bytes of answers may lie unread by a client; 64 MiB by default. Beyond it the broker reads no more of its requests until it
    /// has read some; if so many bytes lie there beside the items themselves, it is disconnected.
    /// </summary>
    public long MaxUnsentBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a new connection may take for its greeting; 2 seconds by default.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a frame may be under way, 60 seconds by default and a day at most: what a client has begun to send must be whole by then, and of
    /// what it was sent beyond <see cref="MaxUnsentBytes"/> it must have read something. Else it is disconnected.
    /// </summary>
    public TimeSpan FrameTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Where the named queues live: null (the default) is the broker's memory, and they end with it. Queues in a storage are there again when the broker starts.
    /// Unnamed queues always live in memory.
    /// </summary>
    public QueueStorage? Storage { get; set; }

    /// <summary>Where the broker logs; nowhere by default. Not passed on to a broker process.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    internal long EffectiveMaxMemoryBytes => MaxMemoryBytes > 0 ? MaxMemoryBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>Says what is wrong with the options, if anything is. <see cref="QueueBroker.Start"/> does it too; a host does it before anything is started.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        if (Name is not null)
        {
            PipeNames.CheckBrokerName(Name);
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxItemBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(MaxItemBytes, 1 << 30);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxMemoryBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxConnections);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSilentConnections);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxQueues);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxOpenQueues);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaitsPerQueue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaitingBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxHeldPerQueue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxUnsentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HandshakeTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FrameTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FrameTimeout, TimeSpan.FromDays(1));
        if (MaxMemoryBytes > 0 && MaxMemoryBytes < (long)MaxItemBytes + Core.QueueMachine.ItemOverheadBytes)
        {
            throw new ArgumentException($"MaxMemoryBytes is {MaxMemoryBytes} and MaxItemBytes is {MaxItemBytes}: an item of the largest size could never be stored. Raise the one or lower the other.");
        }
    }
}
