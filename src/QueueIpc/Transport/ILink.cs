namespace QueueIpc.Transport;

/// <summary>One end of a two-way stream of bytes. Reading and writing are independent; each is done by one thread at a time.</summary>
internal interface ILink
{
    /// <summary>Whether bytes are pushed to the owner instead of read by it (the other end is in this process).</summary>
    bool Pushes { get; }

    /// <summary>Reads what there is, at least one byte; 0 is the end, and <see cref="Link.NothingYet"/> that there was nothing in all that time. -1 waits for ever.</summary>
    int Read(Span<byte> buffer, int timeoutMs = Timeout.Infinite);

    /// <summary>Writes as much as there is room for now, and answers how much.</summary>
    int TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Writes all of it, waiting for the other side as long as it takes.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Ends both directions: whoever reads or writes comes back. May be called from any thread, more than once.</summary>
    void Abort();

    /// <summary>Gives the handle back. Only when nobody reads any more.</summary>
    void Close();

    /// <summary>
    /// Calls <paramref name="goOn"/> when there is room to write, and not before this returns; false when this link cannot tell, so that a thread has to wait for room.
    /// </summary>
    bool NotifyWritable(Action goOn) => false;
}

/// <summary>A link that pushes bytes to its owner.</summary>
internal interface IPushLink : ILink
{
    /// <summary>What to do with bytes that were written at the other end.</summary>
    Action<ReadOnlySpan<byte>>? Received { get; set; }

    /// <summary>What to do when the other end is gone.</summary>
    Action? Ended { get; set; }
}

internal static class Link
{
    /// <summary>What <see cref="ILink.Read"/> answers when its time is over.</summary>
    public const int NothingYet = -1;

    /// <summary>How much a pipe is asked to hold, and how much is written to it at a time.</summary>
    public const int BufferBytes = 64 * 1024;
}
