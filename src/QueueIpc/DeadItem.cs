namespace QueueIpc;

/// <summary>An item that failed too often, could not be read, or was declared dead by its consumer.</summary>
/// <param name="Sequence">The item's place in the queue, counted from 1 by the broker as it accepted items.</param>
/// <param name="Failures">How often it failed.</param>
/// <param name="Age">How long it has been dead.</param>
/// <param name="Reason">Why it is dead.</param>
/// <param name="Bytes">The item as it was serialised; empty for the null item.</param>
public sealed record DeadItem(long Sequence, int Failures, TimeSpan Age, string Reason, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>When it died, by the clock of the broker's machine. An older broker does not say it: then it is reckoned from <see cref="Age"/>.</summary>
    public DateTimeOffset DiedAt { get; init; }
}
