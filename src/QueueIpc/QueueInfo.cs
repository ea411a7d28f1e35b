namespace QueueIpc;

/// <summary>A queue in numbers, all of one moment.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Capacity">How many items may wait; 0 means any number.</param>
/// <param name="Ready">How many items can be got right now.</param>
/// <param name="Leased">How many items are delivered and not settled: leased, read ahead, or got and not yet confirmed.</param>
/// <param name="Delayed">How many items wait for the end of their Nack's delay.</param>
/// <param name="Dead">How many items have failed too often.</param>
/// <param name="Bytes">The bytes of all items that are stored, as serialised and in whatever state.</param>
/// <param name="WaitingGets">How many callers wait for an item. A prefetching reader that still has room counts as one.</param>
/// <param name="WaitingPuts">How many callers wait for room.</param>
/// <param name="OldestAge">How long the first ready item has been in the queue; zero when there is none.</param>
/// <param name="TotalPut">How many items were ever accepted.</param>
/// <param name="TotalTaken">How many items were ever got and confirmed, or leased and acked.</param>
/// <param name="IsCompleted">Whether the queue is completed and nothing is left in it or leased from it.</param>
public sealed record QueueInfo(
    string Name,
    int Capacity,
    int Ready,
    int Leased,
    int Delayed,
    int Dead,
    long Bytes,
    int WaitingGets,
    int WaitingPuts,
    TimeSpan OldestAge,
    long TotalPut,
    long TotalTaken,
    bool IsCompleted)
{
    /// <summary>Whether the queue takes no items any more, and something is left in it or leased from it: it is completed when that is gone.</summary>
    public bool IsDraining { get; init; }

    /// <summary>What an unnamed queue was labelled with when it was created, for people; otherwise empty.</summary>
    public string Label { get; init; } = string.Empty;

    /// <summary>Whether its items outlive the broker.</summary>
    public bool IsDurable { get; init; }
}
