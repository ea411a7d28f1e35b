namespace QueueIpc.Chaos.Audit;

/// <summary>What its producer wrote down of an item, and all who had it.</summary>
internal sealed class Item(int producer, int index, byte queue, int connection, long attemptAt)
{
    public int Producer => producer;

    public int Index => index;

    public byte Queue => queue;

    /// <summary>The connection it was put on. Items of two connections of one producer have no order if the first was cut under the first put.</summary>
    public int Connection => connection;

    public long AttemptAt => attemptAt;

    /// <summary>When its Put had returned; <see cref="long.MaxValue"/> if it never did.</summary>
    public long AcceptedAt { get; set; } = long.MaxValue;

    public bool IsAccepted => AcceptedAt != long.MaxValue;

    public bool IsRefused { get; set; }

    /// <summary>Everyone to whom it was delivered, in the order of the deliveries.</summary>
    public List<Holding> Holdings { get; } = [];

    public override string ToString() => $"item {producer}/{index} of '{Roles.Queues.Names[queue]}'";
}
