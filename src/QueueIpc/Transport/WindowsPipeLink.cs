using System.IO.Pipes;

namespace QueueIpc.Transport;

/// <summary>
/// A named pipe on Windows, opened for overlapped I/O: a synchronous handle would serialise reads and writes,
/// and a blocked read would block the write. A read that nobody waits for any more stays under way for the next one, and
/// what was written is the link's own: while the system still holds some of it, there is no room for more.
/// </summary>
internal sealed class WindowsPipeLink(PipeStream pipe) : ILink
{
    private readonly byte[] _buffer = new byte[Link.BufferBytes];
    private readonly byte[] _outgoing = new byte[Link.BufferBytes];
    private readonly TaskCompletionSource _aborted = new();
    private Task<int>? _read;
    private Task _write = Task.CompletedTask;
    private int _start;
    private int _end;

    public bool Pushes => false;

    public int Read(Span<byte> buffer, int timeoutMs = Timeout.Infinite)
    {
        if (_start == _end)
        {
            _read ??= pipe.ReadAsync(_buffer, 0, _buffer.Length);
            if (!_read.IsCompleted && !IsHere(_read, timeoutMs))
            {
                return Link.NothingYet;
            }

            var read = _read;
            _read = null;
            (_start, _end) = (0, 0);
            Await(read);
            _end = read.Result;
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!_write.IsCompleted)
        {
            return 0;
        }

        Await(_write);
        var count = Math.Min(bytes.Length, _outgoing.Length);
        bytes[..count].CopyTo(_outgoing);
        _write = pipe.WriteAsync(_outgoing, 0, count);
        return count;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Await(_write);
            bytes = bytes[TryWrite(bytes)..];
        }
    }

    /// <summary>Tells a read that is under way, whatever the system makes of one when its handle is closed. What was written goes on its way.</summary>
    public void Abort()
    {
        _aborted.TrySetResult();
        pipe.Dispose();
    }

    public void Close() => Abort();

    private bool IsHere(Task read, int timeoutMs) => Task.WaitAny([read, _aborted.Task], timeoutMs) switch
    {
        0 => true, // whoever takes the result is told what became of it
        1 => throw new IOException("The pipe was closed."),
        _ => false,
    };

    /// <summary>What is under way when <see cref="Abort"/> closes the pipe ends as cancelled; for those who use the link the connection is over.</summary>
    private static void Await(Task operation)
    {
        try
        {
            operation.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            throw new IOException("The pipe was closed.", e);
        }
    }
}
