using QueueIpc.Chaos.Faults;

namespace QueueIpc.Chaos.Audit;

/// <summary>One connection of a consumer, or one enumeration of a reader: what it got came in one stream, and what it held goes back at one moment.</summary>
internal sealed class Sitting(Life life, int connection, long beganAt)
{
    public Life Life => life;

    public byte Queue => (byte)life.Orders.Queue;

    public long BeganAt => beganAt;

    /// <summary>Just before it was killed or cut; <see cref="long.MaxValue"/> if neither.</summary>
    public long FaultAt { get; set; } = long.MaxValue;

    /// <summary>Just before a reader left it; <see cref="long.MaxValue"/> if it did not.</summary>
    public long LeftAt { get; set; } = long.MaxValue;

    /// <summary>Whether it asks for each item, and nothing is read ahead for it.</summary>
    public bool IsOneByOne { get; set; }

    public bool HasFault => FaultAt != long.MaxValue;

    /// <summary>When it gave back what it had read ahead, since somebody else waited.</summary>
    public List<long> Recalls { get; } = [];

    /// <summary>From when on what it held may be with others.</summary>
    public long ReturnsAt => Math.Min(FaultAt, LeftAt);

    /// <summary>All that was delivered, in order.</summary>
    public List<Holding> Holdings { get; } = [];

    /// <summary>When its process stood still in this sitting, up to that moment.</summary>
    public IEnumerable<Interval> StopsBefore(long moment) => life.Stops.Where(stop => stop.Start >= beganAt && stop.Start <= moment);

    public override string ToString() => $"{life.Kind} {life.Orders.Life}, connection {connection}";
}

/// <summary>How far its consumer came with an item.</summary>
internal enum HoldingState
{
    Seen,
    Got,
    Acking,
    Acked,
    AckedSoon,
    GivenBack,
    LeaseLost,
}

/// <summary>One delivery of one item.</summary>
internal sealed class Holding(Item item, Sitting sitting, long seenAt)
{
    public Item Item => item;

    public Sitting Sitting => sitting;

    public long SeenAt => seenAt;

    /// <summary>
    /// A cut pipe can still be read to its end: what was seen after the cut had left the broker before it knew of that. But whose Ack was answered was not cut
    /// yet: the cut is written down before it is made.
    /// </summary>
    public long SentBefore => State == HoldingState.Acked ? seenAt : Math.Min(seenAt, sitting.FaultAt);

    public HoldingState State { get; set; }

    /// <summary>When it came to that state; for what was given back, before the verdict was sent.</summary>
    public long StateAt { get; set; }

    /// <summary>When what its reader had not handed over was given back, just after this was seen; <see cref="long.MaxValue"/> if it was not.</summary>
    public long RecalledAt { get; set; } = long.MaxValue;

    /// <summary>Whether that was just before this was seen: it was being unpacked meanwhile, and others may have had it first.</summary>
    public bool WasRecalledBefore { get; init; }

    /// <summary>Whether it was given back instead of being handed over.</summary>
    public bool WentBack => State == HoldingState.Seen && (WasRecalledBefore || RecalledAt != long.MaxValue);

    /// <summary>As the lease said; -1 for what is not leased, or was not seen.</summary>
    public int Failures { get; set; } = -1;

    /// <summary>Whether the item was delivered again after this.</summary>
    public bool CameAgain { get; set; }

    public bool WasHandedOver => State != HoldingState.Seen;

    public bool IsAcked => State is HoldingState.Acked or HoldingState.AckedSoon;

    public override string ToString() => $"{sitting} ({State}, seen at {seenAt} µs, at {StateAt} µs{(sitting.HasFault ? $", fault at {sitting.FaultAt} µs" : string.Empty)})";
}
