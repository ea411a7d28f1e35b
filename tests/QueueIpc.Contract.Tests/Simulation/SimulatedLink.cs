using QueueIpc.Transport;

namespace QueueIpc.Tests.Simulation;

/// <summary>
/// One end of a pipe inside a simulation. What is written at the other end lies in the inbox until the simulation delivers it, byte by
/// byte if it likes. The pipe holds a certain number of bytes; beyond it there is no room to write.
/// </summary>
internal sealed class SimulatedLink : IPushLink
{
    private readonly int _capacityBytes;
    private readonly List<byte> _inbox = [];
    private SimulatedLink _peer = null!;
    private Action? _goOn;
    private bool _pumping;

    private SimulatedLink(int capacityBytes) => _capacityBytes = capacityBytes;

    public Action<ReadOnlySpan<byte>>? Received { get; set; }

    public Action? Ended { get; set; }

    /// <summary>Sees all that this end writes.</summary>
    public Action<ReadOnlySpan<byte>>? Wrote { get; set; }

    public bool Pushes => true;

    public string Name { get; set; } = "a stranger";

    /// <summary>Whether what is written at either end arrives before the writing returns.</summary>
    public bool IsDirect { get; set; }

    /// <summary>How many bytes lie here, to be delivered.</summary>
    public int InboxBytes => _inbox.Count;

    /// <summary>When the oldest of them was written, as <see cref="Stamp"/> says.</summary>
    public long OldestStamp { get; private set; }

    /// <summary>Counts the writes of all links of a simulation.</summary>
    public Func<long> Stamp { get; init; } = () => 0;

    /// <summary>Whether this end has closed the pipe.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>Whether the pipe broke, as opposed to being closed.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Whether this end knows that it is over.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether it is over, and all that came before has been delivered.</summary>
    public bool CanEnd => !HasEnded && _inbox.Count == 0 && (IsAborted || _peer.IsAborted);

    /// <summary>Whether somebody waits for room to write.</summary>
    public bool WaitsForRoom => _goOn is not null;

    public bool CanGoOn => _goOn is not null && (IsBroken || Room > 0);

    private bool IsBroken => IsAborted || _peer.IsAborted;

    private int Room => _capacityBytes - _peer._inbox.Count;

    public static (SimulatedLink, SimulatedLink) CreatePair(int capacityBytes, Func<long> stamp)
    {
        var (one, other) = (new SimulatedLink(capacityBytes) { Stamp = stamp }, new SimulatedLink(capacityBytes) { Stamp = stamp });
        (one._peer, other._peer) = (other, one);
        return (one, other);
    }

    public int Read(Span<byte> buffer, int timeoutMs = Timeout.Infinite) => throw new NotSupportedException("bytes are pushed");

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (IsBroken)
        {
            if (IsDirect)
            {
                Pump();
            }

            throw new IOException("the other end is closed");
        }

        var written = bytes[..Math.Min(bytes.Length, Room)];
        if (written.IsEmpty)
        {
            return 0;
        }

        if (_peer._inbox.Count == 0)
        {
            _peer.OldestStamp = Stamp();
        }

        _peer._inbox.AddRange(written);
        Wrote?.Invoke(written);
        if (IsDirect)
        {
            Pump();
        }

        return written.Length;
    }

    public void Write(ReadOnlySpan<byte> bytes) => throw new NotSupportedException("in a simulation nobody waits for room with a thread");

    public bool NotifyWritable(Action goOn)
    {
        _goOn = goOn;
        return true;
    }

    public void Abort() => IsAborted = true;

    public void Close() => Abort();

    /// <summary>The thread that waited for room has its turn.</summary>
    public void GoOn()
    {
        var goOn = _goOn!;
        _goOn = null;
        goOn();
    }

    public void Deliver(int count)
    {
        var bytes = _inbox.Slice(0, count).ToArray();
        _inbox.RemoveRange(0, count);
        OldestStamp = Stamp();
        Received!(bytes);
    }

    public void DeliverEnd()
    {
        HasEnded = true;
        Ended!();
    }

    /// <summary>The other end died while it wrote: the rest never comes.</summary>
    public void Cut(int bytesLeft)
    {
        _inbox.RemoveRange(bytesLeft, _inbox.Count - bytesLeft);
        _peer.IsAborted = _peer.WasCut = true;
    }

    /// <summary>Delivers all there is, in both directions, and all that comes of it.</summary>
    public void Pump()
    {
        if (_pumping || _peer._pumping)
        {
            return;
        }

        _pumping = true;
        while (PumpOneWay() | _peer.PumpOneWay())
        {
        }

        _pumping = false;
    }

    private bool PumpOneWay()
    {
        if (CanGoOn)
        {
            GoOn();
            return true;
        }

        if (_inbox.Count > 0)
        {
            Deliver(_inbox.Count);
            return true;
        }

        if (CanEnd)
        {
            DeliverEnd();
            return true;
        }

        return false;
    }
}
