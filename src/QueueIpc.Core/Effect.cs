namespace QueueIpc.Core;

internal enum EffectKind
{
    /// <summary><see cref="Effect.Count"/> items for a get or a subscription. All items of one get come one after the other.</summary>
    Delivered,

    /// <summary>A subscription whose reader stands still: what it was not handed over yet should go back, since somebody waits. No answer; more follows.</summary>
    Recall,

    /// <summary>A put: the broker owns all its items.</summary>
    Accepted,

    /// <summary>A put: its time is over; <see cref="Effect.Count"/> of its items were accepted.</summary>
    Full,

    /// <summary>A put: one of its items is larger than the queue may ever hold. None was accepted, unless it became so while the put waited: then <see cref="Effect.Count"/> were.</summary>
    NeverFits,

    /// <summary>A get: its time is over and there was nothing.</summary>
    Empty,

    /// <summary>A get or a subscription: its client holds as many items as it may.</summary>
    TooManyHeld,

    /// <summary>A put after Complete; a get or subscription when nothing is left and nothing can come.</summary>
    Completed,

    /// <summary>The queue was deleted.</summary>
    Deleted,

    /// <summary>The request was cancelled before it had an effect; a batch put: <see cref="Effect.Count"/> items had been accepted.</summary>
    Cancelled,

    /// <summary>A join: nothing is unfinished.</summary>
    Joined,

    /// <summary>A join: its time is over.</summary>
    TimedOut,
}

/// <summary>What the machine decided: one answer for one request, or items for it. Items that are held under a token come one by one; those for a subscription are sent ahead.</summary>
internal readonly record struct Effect(
    EffectKind Kind, Attachment To, ulong Request, int Count = 0, ItemRun Items = default, ulong Token = 0, bool Lease = false, bool Ahead = false)
{
    /// <summary>An answer that nothing has happened, and that nothing needs to be kept for.</summary>
    public bool IsOfNothing => Kind is EffectKind.Empty or EffectKind.TimedOut || (Kind == EffectKind.Full && Count == 0);

    /// <summary>The first item, or the only one.</summary>
    public Item Item => Items.First;
}
