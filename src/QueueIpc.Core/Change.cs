namespace QueueIpc.Core;

/// <summary>What became different in what a queue has to know after a restart. What is held is not among it: it is ready again then.</summary>
internal enum ChangeKind
{
    /// <summary><see cref="Change.Items"/> were accepted: they are ready, with no failure.</summary>
    Accepted,

    /// <summary>The items of this range of sequence numbers are done with: acked, or their receipt was confirmed.</summary>
    Taken,

    /// <summary>The items of this range are gone without having been done: cleared, discarded, or no longer among the dead.</summary>
    Dropped,

    /// <summary>One item is ready at its own place, with the failures that it has.</summary>
    Returned,

    /// <summary>One item is ready again at <see cref="Change.At"/>, with the failures that it has.</summary>
    Delayed,

    /// <summary>One item is dead, since <see cref="Change.At"/>, for <see cref="Change.Reason"/>.</summary>
    Died,

    /// <summary>No more puts.</summary>
    Completed,

    /// <summary>No more puts, and whatever is not dead is gone: what is held at this moment, as soon as it comes back.</summary>
    Discarded,

    /// <summary>What was accepted of <see cref="Change.Producer"/> is now as it says there.</summary>
    Numbered,

    /// <summary><see cref="Change.Producer"/> need not be known any more.</summary>
    Forgotten,

    /// <summary>The queue's settings are now <see cref="Change.Settings"/>.</summary>
    Updated,
}

/// <summary>One thing that must be remembered. Times in microseconds of the machine's clock.</summary>
internal readonly record struct Change(
    ChangeKind Kind, long Sequence = 0, int Count = 0, ItemRun Items = default, long At = 0, string? Reason = null, QueueSettings? Settings = null,
    StoredProducer? Producer = null)
{
    /// <summary>The one item that it is about.</summary>
    public Item Item => Items.First;

    public static Change OfItem(ChangeKind kind, in Item item, long at = 0, string? reason = null) => new(kind, item.Sequence, 1, new ItemRun(item), at, reason);
}
