namespace QueueIpc.Core;

/// <summary>The queue in numbers, all taken at one moment. Times in microseconds.</summary>
internal readonly record struct QueueCounts
{
    public int Ready { get; init; }

    public int Delayed { get; init; }

    public int Held { get; init; }

    public int Dead { get; init; }

    public long Bytes { get; init; }

    public int WaitingGets { get; init; }

    public int WaitingPuts { get; init; }

    public int WaitingJoins { get; init; }

    public long OldestAge { get; init; }

    public long TotalPut { get; init; }

    public long TotalTaken { get; init; }

    /// <summary>Cleared, discarded, deleted, or pushed out of the dead.</summary>
    public long TotalDropped { get; init; }

    public bool IsClosed { get; init; }

    public bool IsCompleted { get; init; }
}
