namespace QueueIpc.Transport;

/// <summary>The link inside one process: writing at one end is receiving at the other, on the same thread.</summary>
internal sealed class MemoryLink : IPushLink
{
    private MemoryLink _peer = null!;
    private volatile bool _aborted;

    public Action<ReadOnlySpan<byte>>? Received { get; set; }

    public Action? Ended { get; set; }

    public bool Pushes => true;

    public static (MemoryLink, MemoryLink) CreatePair()
    {
        var (one, other) = (new MemoryLink(), new MemoryLink());
        one._peer = other;
        other._peer = one;
        return (one, other);
    }

    public int Read(Span<byte> buffer, int timeoutMs = Timeout.Infinite) => throw new NotSupportedException("bytes are pushed");

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        Write(bytes);
        return bytes.Length;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_aborted)
        {
            throw new IOException("the connection inside this process is closed");
        }

        _peer.Received?.Invoke(bytes);
    }

    public void Abort()
    {
        if (!_aborted)
        {
            _aborted = true;
            _peer._aborted = true;
            _peer.Ended?.Invoke();
        }
    }

    public void Close() => Abort();
}
