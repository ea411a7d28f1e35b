namespace QueueIpc.Core;

/// <summary>Something with a deadline: a waiting request, a lease, a delayed item.</summary>
internal abstract class Timed
{
    /// <summary>The deadline of what never ends by itself.</summary>
    public const long Never = long.MaxValue;

    public long Deadline { get; set; } = Never;

    /// <summary>Which comes first of two with the same deadline.</summary>
    public long Turn { get; set; }

    /// <summary>The place in the <see cref="DeadlineHeap"/>; -1 when it is not there.</summary>
    public int HeapIndex { get; set; } = -1;
}
