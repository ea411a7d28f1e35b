namespace QueueIpc.Core;

/// <summary>Something with a deadline: a waiting request, a lease, a delayed item.</summary>
internal abstract class Timed
{
    /// <summary>The deadline of what never ends by itself.</summary>
    public const long Never = long.MaxValue;

    public const int Nowhere = -1;
    public const int InLine = -2;

    public long Deadline { get; set; } = Never;

    /// <summary>Which comes first of two with the same deadline.</summary>
    public long Turn { get; set; }

    /// <summary>The place in the <see cref="DeadlineHeap"/>; or <see cref="InLine"/>, or <see cref="Nowhere"/>.</summary>
    public int HeapIndex { get; set; } = Nowhere;

    /// <summary>In line: who is due before it.</summary>
    public Timed? Before { get; set; }

    /// <summary>In line: who is due after it.</summary>
    public Timed? Behind { get; set; }
}
