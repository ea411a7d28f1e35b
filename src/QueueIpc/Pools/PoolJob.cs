namespace QueueIpc.Pools;

/// <summary>One job of a pool, from when it was given until it has come to its one end.</summary>
internal abstract class PoolJob(byte[] packed)
{
    private int _isOver;

    /// <summary>Its place among all jobs of the pool: what comes back goes before all newer ones.</summary>
    public long Id { get; set; }

    /// <summary>As it travels.</summary>
    public byte[] Packed { get; } = packed;

    /// <summary>How many workers have died of it.</summary>
    public int Failures { get; set; }

    /// <summary>Who has it; null while it waits.</summary>
    public PoolSeat? Seat { get; set; }

    /// <summary>Whether it waits for a worker.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Since when nobody wants it any more, by the machine's clock; long.MaxValue as long as somebody does.</summary>
    public long GivenUpAt { get; set; } = long.MaxValue;

    /// <summary>Whether it ends because the pool does.</summary>
    public bool EndsWithPool { get; set; }

    /// <summary>Whether it has come to its end: whatever comes of it now is nobody's.</summary>
    public bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <summary>True for the first who ends it.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _isOver, 1) == 0;

    /// <summary>Tells whoever waits for it, once <see cref="TryEnd"/> was true.</summary>
    public abstract void Succeed(ReadOnlyMemory<byte> result);

    /// <summary>Like <see cref="Succeed"/>.</summary>
    public abstract void Fail(Exception why);
}
