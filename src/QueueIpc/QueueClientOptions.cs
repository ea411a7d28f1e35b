using Microsoft.Extensions.Logging;

namespace QueueIpc;

/// <summary>How a client connects and what it does with items.</summary>
public sealed record QueueClientOptions
{
    /// <summary>How long to try to connect, also to a broker that is not there yet; 10 seconds by default. The broker's greeting is included, for which zero leaves no time. <see cref="Timeout.InfiniteTimeSpan"/> tries for ever.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a client of a named broker looks for it again when the connection is lost; 30 seconds by default. Calls that are under way wait meanwhile, each within its
    /// own time. Zero leaves a lost connection lost. <see cref="Timeout.InfiniteTimeSpan"/> never gives up.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What to do when the broker comes back without the items that it had; <see cref="WhenItemsAreLost.Continue"/> by default.</summary>
    public WhenItemsAreLost WhenItemsAreLost { get; init; }

    /// <summary>How items become bytes; MessagePack by default. <c>byte[]</c> and <c>ReadOnlyMemory&lt;byte&gt;</c> are not serialised at all.</summary>
    public IQueueSerializer? Serializer { get; init; }

    /// <summary>Where the client logs; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    internal void Validate()
    {
        if (ReconnectTimeout < TimeSpan.Zero && ReconnectTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(ReconnectTimeout), ReconnectTimeout, "A timeout is zero or more, or Timeout.InfiniteTimeSpan.");
        }

        if (ConnectTimeout < TimeSpan.Zero && ConnectTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(ConnectTimeout), ConnectTimeout, "A timeout is zero or more, or Timeout.InfiniteTimeSpan.");
        }
    }
}
