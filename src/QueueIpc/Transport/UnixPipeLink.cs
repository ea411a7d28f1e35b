using System.IO.Pipes;
using System.Net.Sockets;

namespace QueueIpc.Transport;

/// <summary>
/// A named pipe on Unix, where it is a Unix domain socket. Reads and writes are synchronous: one asynchronous operation would
/// turn the socket non-blocking for good, and every later read would take the slow way.
/// </summary>
internal sealed class UnixPipeLink : ILink, IDisposable
{
    /// <summary>
    /// How long to look again and again, giving way to whoever wants the processor, before going to sleep. An answer that is under way
    /// comes within this time, and waking a sleeping thread costs more than it (docs/decisions/0007-threading.md has the figures).
    /// </summary>
    private const long AwakeMicros = 50;

    private readonly PipeStream _pipe;
    private readonly Socket _socket;
    private readonly Lock _closeLock = new();
    private bool _closed;

    public UnixPipeLink(PipeStream pipe)
    {
        _pipe = pipe;

        // A second view of the same descriptor, for what the stream lacks: waiting with a limit, and shutting down.
        _socket = new Socket(new SafeSocketHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false));
    }

    public bool Pushes => false;

    public bool WaitReadable(int timeoutMs)
    {
        if (IsReadableSoon())
        {
            return true;
        }

        var microseconds = timeoutMs < 0 || timeoutMs > int.MaxValue / 1000 ? -1 : timeoutMs * 1000;
        return _socket.Poll(microseconds, SelectMode.SelectRead);
    }

    public int Read(Span<byte> buffer)
    {
        IsReadableSoon();
        try
        {
            // Not through the stream: after a failed write that refuses to read what the other side said last.
            return _socket.Receive(buffer);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        // Linux calls a Unix socket writable only while at most a quarter of its 208 KiB is in use (unix_writable() in
        // net/unix/af_unix.c), so that 64 KiB more never block. macOS promises 2 KiB: there the writer thread does it.
        if (!OperatingSystem.IsLinux() || !_socket.Poll(0, SelectMode.SelectWrite))
        {
            return false;
        }

        _pipe.Write(bytes);
        return true;
    }

    public void Write(ReadOnlySpan<byte> bytes) => _pipe.Write(bytes);

    public void Abort()
    {
        // Never after Close: the descriptor's number may be somebody else's by then.
        lock (_closeLock)
        {
            if (_closed)
            {
                return;
            }

            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The other side was faster.
            }
        }
    }

    public void Close() => Dispose();

    private bool IsReadableSoon()
    {
        var until = MonotonicClock.Now + AwakeMicros;
        while (!_socket.Poll(0, SelectMode.SelectRead))
        {
            if (MonotonicClock.Now >= until)
            {
                return false;
            }

            Thread.Yield();
        }

        return true;
    }

    public void Dispose()
    {
        Abort();
        lock (_closeLock)
        {
            _closed = true;
            _socket.Dispose();
            _pipe.Dispose();
        }
    }
}
