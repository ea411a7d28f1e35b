namespace QueueIpc;

/// <summary>Where the host's client connects to, and how. Bound from <c>QueueIpc:Client</c>.</summary>
public sealed class QueueIpcClientOptions
{
    /// <summary>
    /// A broker's <see cref="QueueBroker.Endpoint"/> or its name. Null (the default) means the broker of this same host if there is one, else what
    /// the environment variable QUEUEIPC_ENDPOINT says.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>How long to try to connect when the host starts, also to a broker that is not there yet; 10 seconds by default. <see cref="Timeout.InfiniteTimeSpan"/> tries for ever.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to look for a named broker again when the connection is lost; 30 seconds by default. Calls wait meanwhile, each within its own time. Zero leaves a lost
    /// connection lost, <see cref="Timeout.InfiniteTimeSpan"/> never gives up.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What to do when the broker comes back without the items that it had.</summary>
    public WhenItemsAreLost WhenItemsAreLost { get; set; }

    /// <summary>How items become bytes; MessagePack by default.</summary>
    public IQueueSerializer? Serializer { get; set; }

    internal void Validate(bool hasBroker)
    {
        if (Endpoint is { Length: 0 })
        {
            throw new ArgumentException("Endpoint is empty. Give a broker's endpoint or name, or leave it out.");
        }

        if (Endpoint is null && !hasBroker && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(QueueClient.EndpointVariable)))
        {
            throw new ArgumentException(
                $"No broker to connect to: set Endpoint to a broker's endpoint or name, or the environment variable {QueueClient.EndpointVariable}, or have a broker in this host with AddQueueIpcBroker.");
        }

        if (ConnectTimeout < TimeSpan.Zero && ConnectTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"ConnectTimeout is {ConnectTimeout}. A timeout is zero or more, or Timeout.InfiniteTimeSpan.");
        }

        if (ReconnectTimeout < TimeSpan.Zero && ReconnectTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"ReconnectTimeout is {ReconnectTimeout}. A timeout is zero or more, or Timeout.InfiniteTimeSpan.");
        }
    }
}
