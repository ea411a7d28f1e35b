using System.IO.Pipes;

namespace QueueIpc.Transport;

/// <summary>
/// A named pipe on Windows, opened for overlapped I/O: a synchronous handle would serialise reads and writes,
/// and a blocked read would block the write. A read that nobody waits for any more stays under way for the next one.
/// </summary>
internal sealed class WindowsPipeLink(PipeStream pipe) : ILink
{
    private readonly byte[] _buffer = new byte[Link.InstantBytesMax];
    private Task<int>? _read;
    private int _start;
    private int _end;

    public bool Pushes => false;

    public bool WaitReadable(int timeoutMs)
    {
        if (_start < _end)
        {
            return true;
        }

        _read ??= pipe.ReadAsync(_buffer, 0, _buffer.Length);
        try
        {
            return _read.Wait(timeoutMs);
        }
        catch (AggregateException)
        {
            return true; // Read reports it
        }
    }

    public int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            WaitReadable(Timeout.Infinite);
            var read = _read!;
            _read = null;
            _start = 0;
            _end = read.GetAwaiter().GetResult();
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <summary>Windows does not tell whether a pipe has room; the writer thread does it.</summary>
    public bool TryWrite(ReadOnlySpan<byte> bytes) => false;

    public void Write(ReadOnlySpan<byte> bytes) => pipe.WriteAsync(bytes.ToArray()).AsTask().GetAwaiter().GetResult();

    public void Abort() => pipe.Dispose();

    public void Close() => pipe.Dispose();
}
