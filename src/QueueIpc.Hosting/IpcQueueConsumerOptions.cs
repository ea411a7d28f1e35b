namespace QueueIpc;

/// <summary>How a consumer works. Bound from <c>QueueIpc:Consumers:</c> and the queue's name.</summary>
public sealed class IpcQueueConsumerOptions
{
    private const int DoublingsMax = 62;

    /// <summary>How many items are handled at a time; 1 by default, 10,000 at most.</summary>
    public int Concurrency { get; set; } = 1;

    /// <summary>How long an item stays away after its first failure; 1 second by default, zero or more. The time doubles with every further failure.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest that an item stays away; 1 minute by default, and no less than <see cref="RetryDelay"/>.</summary>
    public TimeSpan RetryDelayMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the message of what a handler throws goes to the broker with the type, as the reason why the item failed; true by default. Dead items show it: switch it off
    /// where messages may have what not everyone may read who looks at queues.
    /// </summary>
    public bool IncludeExceptionMessage { get; set; } = true;

    /// <summary>Why an item failed, for whoever looks at it when it is dead.</summary>
    internal string ReasonOf(Exception failure) => IncludeExceptionMessage ? $"{failure.GetType().FullName}: {failure.Message}" : $"{failure.GetType().FullName}";

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Concurrency, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Concurrency, 10_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero);
        if (RetryDelayMax < RetryDelay)
        {
            throw new ArgumentException($"RetryDelayMax is {RetryDelayMax}, and must not be less than RetryDelay, which is {RetryDelay}.");
        }
    }

    /// <summary>How long an item stays away that has failed so often before, and now again.</summary>
    internal TimeSpan DelayAfter(int failures)
    {
        var ticks = RetryDelay.Ticks * Math.Pow(2, Math.Min(failures, DoublingsMax));
        return ticks < RetryDelayMax.Ticks ? TimeSpan.FromTicks((long)ticks) : RetryDelayMax;
    }
}
