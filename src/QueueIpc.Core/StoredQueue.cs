namespace QueueIpc.Core;

/// <summary>A queue as it was kept, from which a machine goes on. Times in microseconds of the machine's clock.</summary>
internal sealed record StoredQueue(string Name, QueueSettings Settings)
{
    public bool IsClosed { get; init; }

    /// <summary>It was completed with discard: what was not dead then is gone.</summary>
    public bool IsDiscarding { get; init; }

    public long LastSequence { get; init; }

    public long Dropped { get; init; }

    /// <summary>
    /// Items without a failure, ready; in the order of their sequence numbers, with holes where items are gone. Behind the last of <see cref="Items"/>
    /// they may be without their bytes.
    /// </summary>
    public IReadOnlyList<ItemRun> Runs { get; init; } = [];

    /// <summary>Items that came back, wait for their time, or are dead; in the order of their sequence numbers.</summary>
    public IReadOnlyList<StoredItem> Items { get; init; } = [];

    /// <summary>Whose puts may come again.</summary>
    public IReadOnlyList<StoredProducer> Producers { get; init; } = [];
}

/// <summary>An item with a fate of its own: <see cref="ChangeKind.Returned"/>, <see cref="ChangeKind.Delayed"/> or <see cref="ChangeKind.Died"/>.</summary>
internal readonly record struct StoredItem(ChangeKind Fate, Item Item, long At = 0, string? Reason = null);
