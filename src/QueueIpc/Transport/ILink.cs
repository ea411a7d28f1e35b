namespace QueueIpc.Transport;

/// <summary>One end of a two-way stream of bytes. Reading and writing are independent; each is done by one thread at a time.</summary>
internal interface ILink
{
    /// <summary>Whether bytes are pushed to the owner instead of read by it (the other end is in this process).</summary>
    bool Pushes { get; }

    /// <summary>Waits until there is something to read, or the end. False when the time is over; -1 waits for ever.</summary>
    bool WaitReadable(int timeoutMs);

    /// <summary>Reads what there is, at least one byte; 0 is the end.</summary>
    int Read(Span<byte> buffer);

    /// <summary>Writes all of it if that is certain not to block, else nothing. At most <see cref="Link.InstantBytesMax"/> bytes.</summary>
    bool TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Writes all of it, waiting for the other side as long as it takes.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Ends both directions: whoever reads or writes comes back. May be called from any thread, more than once.</summary>
    void Abort();

    /// <summary>Gives the handle back. Only when nobody reads any more.</summary>
    void Close();

}

internal static class Link
{
    /// <summary>The most that <see cref="ILink.TryWrite"/> takes at a time.</summary>
    public const int InstantBytesMax = 64 * 1024;
}
