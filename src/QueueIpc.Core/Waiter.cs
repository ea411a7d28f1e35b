namespace QueueIpc.Core;

internal enum WaiterKind
{
    Get,
    Put,
    Join,
    Subscription,
}

/// <summary>A request that could not be answered at once and stands in line.</summary>
internal class Waiter : Timed
{
    public WaiterKind Kind { get; set; }

    public Attachment Owner { get; set; } = null!;

    public ulong Request { get; set; }

    /// <summary>Get and subscription: whether items are leased, instead of taken.</summary>
    public bool Lease { get; set; }

    /// <summary>Get: how many items at most.</summary>
    public int MaxItems { get; set; }

    /// <summary>Get: its time is over, and it still waits for what is ready and not in memory.</summary>
    public bool IsOverdue { get; set; }

    /// <summary>Put: what was not accepted yet.</summary>
    public ItemBatch Batch { get; set; }

    /// <summary>Put: the number of the first item that was not accepted yet, where they are numbered.</summary>
    public PutNumber Number { get; set; }

    /// <summary>Put: how many items were accepted so far.</summary>
    public int Accepted { get; set; }

    public WaitLine? Line { get; set; }

    public Waiter? Previous { get; set; }

    public Waiter? Next { get; set; }
}

/// <summary>
/// A reader that stays: it is sent items ahead of its needs, as long as what it has not confirmed is within its window.
/// It stands in the line of gets while it has room, and apart while it has none.
/// </summary>
internal sealed class Subscription : Waiter
{
    /// <summary>How many items may be sent ahead.</summary>
    public int WindowItems { get; set; }

    /// <summary>How many bytes may be sent ahead; one item is always sent, however large.</summary>
    public long WindowBytes { get; init; }

    /// <summary>How many items were sent and confirmed since the subscription began.</summary>
    public ulong Confirmed { get; set; }

    public long UnconfirmedBytes { get; set; }

    /// <summary>Taking: items sent and not confirmed, oldest first.</summary>
    public ItemFifo Taken { get; } = new();

    /// <summary>Leasing: tokens of leases sent and not confirmed to be in the consumer's hands, oldest first.</summary>
    public Queue<(ulong Token, int Bytes)> Leased { get; } = new();

    /// <summary>Whether its reader gives back what it was sent ahead when it is asked to.</summary>
    public bool CanReturn { get; init; }

    /// <summary>Whether it was asked to since it last said something.</summary>
    public bool IsRecalled { get; set; }

    /// <summary>Whether it is counted among those who stand still.</summary>
    public bool StandsStill { get; set; }

    public int Unconfirmed => Taken.Count + Leased.Count;

    /// <summary>
    /// It is not woken for less, where there is that much: equal shares of a little, for many readers that are fast, would cost a wake-up for every few items.
    /// </summary>
    public int LeastShare => Math.Max(1, WindowItems / 8);

    /// <summary>Its reader wants nothing more for now, has not dealt with all that it was sent, and was not asked to give that back.</summary>
    public bool MayBeRecalled => CanReturn && !IsRecalled && WindowItems == 0 && Unconfirmed > 0;

    public bool HasRoom => Unconfirmed < WindowItems && (UnconfirmedBytes < WindowBytes || Unconfirmed == 0) && !Owner.Share.IsFull;
}
