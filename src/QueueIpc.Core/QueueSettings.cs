namespace QueueIpc.Core;

/// <summary>What the machine enforces. Times in microseconds; 0 means no limit.</summary>
internal sealed record QueueSettings
{
    /// <summary>How many items may wait, ready and delayed together.</summary>
    public int Capacity { get; init; }

    /// <summary>How many bytes may be stored, in whatever state.</summary>
    public long MaxBytes { get; init; }

    public long LeaseTime { get; init; } = 30_000_000;

    /// <summary>The shortest lease that makes sense between two processes.</summary>
    public const long LeaseTimeMin = 10_000;

    /// <summary>After how many failures an item is dead.</summary>
    public int MaxFailures { get; init; } = 5;

    /// <summary>How many dead items are kept; beyond it the oldest goes.</summary>
    public int MaxDead { get; init; } = 10_000;
}
