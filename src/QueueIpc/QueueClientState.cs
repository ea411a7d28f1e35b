namespace QueueIpc;

/// <summary>Whether a client has a broker at this moment.</summary>
public enum QueueClientState
{
    /// <summary>It has, as far as it knows: a broker that went away is noticed when something is asked of it, or waited for.</summary>
    Connected,

    /// <summary>The broker went away, and the client looks for it. What is asked of it waits.</summary>
    Reconnecting,

    /// <summary>No broker came back in time, or the client may not come back. Where <see cref="QueueClientOptions.ReconnectTimeout"/> is not zero, the next call tries again.</summary>
    Lost,
}

/// <summary>What a client does when its broker comes back without the items that it had: it had no storage, or the queue was transient.</summary>
public enum WhenItemsAreLost
{
    /// <summary>It goes on with the empty queue, and logs a warning.</summary>
    Continue,

    /// <summary>All calls on the handles of such a queue end with <see cref="BrokerUnavailableException"/>, those under way as well. Open the queue anew.</summary>
    Fail,
}
