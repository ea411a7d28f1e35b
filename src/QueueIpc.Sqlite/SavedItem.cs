namespace QueueIpc.Sqlite;

/// <summary>What an item that is kept was doing.</summary>
internal enum SavedState
{
    Ready,
    Delayed,
    Dead,
}

/// <summary>A queue as it is in a data directory. Its name is made up when its own row cannot be read.</summary>
internal sealed record SavedQueue(string Name)
{
    public long Id { get; init; }

    public int Capacity { get; init; }

    public long MaxBytes { get; init; }

    public long LeaseTimeMicros { get; init; } = 30_000_000;

    public int MaxFailures { get; init; } = 5;

    public bool IsCompleted { get; init; }

    public bool IsDiscarding { get; init; }

    public long LastSequence { get; init; }

    public long Dropped { get; init; }
}

/// <summary>An item as it is in a data directory; null bytes are the null item. Times in microseconds since 1970.</summary>
internal sealed record SavedItem(byte[]? Bytes)
{
    /// <summary>Whether the bytes end with a note for a trace.</summary>
    public bool HasNote { get; init; }

    /// <summary>Without one it comes behind all others.</summary>
    public long? Sequence { get; init; }

    public SavedState State { get; init; }

    public int Failures { get; init; }

    public long PutAt { get; init; }

    /// <summary>When it becomes ready, or since when it is dead.</summary>
    public long At { get; init; }

    /// <summary>How long it was to wait at first.</summary>
    public long DelayMicros { get; init; }

    public string? Reason { get; init; }
}

/// <summary>What a queue has, in numbers.</summary>
internal sealed record SavedCounts(SavedQueue Queue, long Ready, long Delayed, long Dead, long Bytes);
