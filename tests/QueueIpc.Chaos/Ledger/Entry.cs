using System.Runtime.InteropServices;

namespace QueueIpc.Chaos.Ledger;

/// <summary>What a process writes down. "Before" and "after" are about the call: what a dead process wrote before it is known even if the call never returned.</summary>
internal enum Act : byte
{
    /// <summary>A new connection, or a new enumeration of a reader; nothing has been asked for on it yet.</summary>
    Began,

    /// <summary>Before the process shuts its own pipe down.</summary>
    Cutting,

    /// <summary>A call ended with BrokerUnavailableException. Micros: how long it took.</summary>
    Broken,

    /// <summary>Before a reader leaves its enumeration in the middle.</summary>
    Leaving,

    /// <summary>After the queue said that it is completed.</summary>
    Completed,

    /// <summary>Before a put. Micros: the timeout, -1 for none.</summary>
    Attempt,

    /// <summary>After a put returned. Micros: how long it took.</summary>
    Accepted,

    /// <summary>After a put returned false: full. Micros: how long it took.</summary>
    Refused,

    /// <summary>Before a get or lease. Micros: the timeout.</summary>
    Getting,

    /// <summary>The library reads the item's bytes, before it confirms anything. Micros: 1 if they are not what was put.</summary>
    Seen,

    /// <summary>After a get or lease returned the item, or a reader was handed it. Micros: how long it took.</summary>
    Got,

    /// <summary>After a get or lease returned false: empty. Micros: how long it took.</summary>
    Empty,

    /// <summary>Before an Ack.</summary>
    Acking,

    /// <summary>After an Ack returned.</summary>
    Acked,

    /// <summary>After an Ack in a stream of leases returned: it goes milliseconds later, with others.</summary>
    AckedSoon,

    /// <summary>Before a Nack, a Release, or a Dispose without a verdict.</summary>
    GivingBack,

    /// <summary>After the verdict was told that the lease had ended before.</summary>
    LeaseLost,

    /// <summary>The library gives back what it has read ahead and not handed over, before that is sent. Micros: how many items.</summary>
    Recalled,

    /// <summary>A plain wait of a thread of this process ended later than it should. Micros: by so much.</summary>
    ControlLate,
}

/// <summary>One line of a ledger, 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal record struct Entry(Act Act, int Connection)
{
    public long At;
    public long Micros;
    public int Producer;
    public int Index;
    public byte Queue;
    public ushort Failures;

    public readonly Entry Of(ChaosItem item) => this with { Producer = item.Producer, Index = item.Index, Queue = item.Queue };
}
