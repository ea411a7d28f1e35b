namespace QueueIpc.Core;

internal enum HoldState
{
    Free,
    Held,
    Delayed,
}

/// <summary>A place for one item that was delivered and is not settled (HELD), or that is to come back later (DELAYED).</summary>
internal sealed class Hold(int index) : Timed
{
    public int Index { get; } = index;

    public uint Generation { get; set; }

    public ulong Token => ((ulong)Generation << 32) | (uint)Index;

    public HoldState State { get; set; }

    public Item Item { get; set; }

    public Attachment? Owner { get; set; }

    /// <summary>When it was delivered.</summary>
    public long Since { get; set; }

    /// <summary>Leased, as opposed to taken and waiting for the receipt.</summary>
    public bool Lease { get; set; }

    /// <summary>Whether the consumer's code has it: losing it then is a failure of the item.</summary>
    public bool InHand { get; set; }

    public Hold? Previous { get; set; }

    public Hold? Next { get; set; }
}
