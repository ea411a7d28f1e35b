namespace QueueIpc.Core;

/// <summary>What has become of the queue's items since it was made. Plain counters: they cost nothing, and whoever watches the queue reads them now and then.</summary>
internal record struct QueueTotals
{
    public long Put { get; set; }

    public long Delivered { get; set; }

    public long Acked { get; set; }

    /// <summary>Came back by <see cref="QueueMachine.Nack"/>. What died of it is among the dead as well, here and below.</summary>
    public long Nacked { get; set; }

    public long Released { get; set; }

    public long Expired { get; set; }

    /// <summary>Its holder has gone, or has closed the queue.</summary>
    public long Disconnected { get; set; }

    /// <summary>A reader had read it ahead, and has stopped before it was handed over.</summary>
    public long Unread { get; set; }

    public long Dead { get; set; }

    public readonly QueueTotals Plus(in QueueTotals other) => new()
    {
        Put = Put + other.Put,
        Delivered = Delivered + other.Delivered,
        Acked = Acked + other.Acked,
        Nacked = Nacked + other.Nacked,
        Released = Released + other.Released,
        Expired = Expired + other.Expired,
        Disconnected = Disconnected + other.Disconnected,
        Unread = Unread + other.Unread,
        Dead = Dead + other.Dead,
    };
}
