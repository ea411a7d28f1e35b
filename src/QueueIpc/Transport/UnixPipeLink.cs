using System.IO.Pipes;
using System.Net.Sockets;

namespace QueueIpc.Transport;

/// <summary>
/// A named pipe on Unix, where it is a Unix domain socket. It is read and written through a non-blocking view of that socket, so that
/// looking whether there is something and taking it are one system call; who has to wait sleeps in poll(2).
/// </summary>
internal sealed class UnixPipeLink : ILink, IDisposable
{
    /// <summary>
    /// How long to look again and again, giving way to whoever wants the processor, before going to sleep. An answer that is under way
    /// comes within this time, and waking a sleeping thread costs more than it (docs/decisions/0007-threading.md has the figures).
    /// Who waited longer the last few times does not try: with more readers than processors they would be in each other's way.
    /// </summary>
    private const long AwakeMicros = 50;

    /// <summary>So many, because short and long waits alternate where a put and a get do.</summary>
    private const int LongWaitsMax = 4;

    /// <summary>As much as the system grants by default, and half as many wake-ups for what is large.</summary>
    private const int SendBufferBytes = 208 * 1024;

    private readonly PipeStream _pipe;
    private readonly Socket _socket;
    private readonly Lock _closeLock = new();
    private int _longWaits;
    private bool _closed;

    public UnixPipeLink(PipeStream pipe)
    {
        _pipe = pipe;

        // Not through the stream: it cannot wait with a limit, and after a failed write it refuses to read what the other side said last.
        _socket = new Socket(new SafeSocketHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false)) { Blocking = false, SendBufferSize = SendBufferBytes };
    }

    public bool Pushes => false;

    public int Read(Span<byte> buffer, int timeoutMs = Timeout.Infinite)
    {
        if (TryRead(buffer, out var bytes))
        {
            return bytes;
        }

        var begun = MonotonicClock.Now;
        var deadline = timeoutMs < 0 ? long.MaxValue : begun + (timeoutMs * 1000L);
        var awakeUntil = _longWaits < LongWaitsMax ? Math.Min(begun + AwakeMicros, deadline) : begun;
        for (var now = begun; ; now = MonotonicClock.Now)
        {
            if (now < awakeUntil)
            {
                Thread.Yield();
            }
            else if (now >= deadline || !Wait(SelectMode.SelectRead, deadline - now))
            {
                return Link.NothingYet;
            }

            if (TryRead(buffer, out bytes))
            {
                _longWaits = MonotonicClock.Now - begun < AwakeMicros ? 0 : Math.Min(_longWaits + 1, LongWaitsMax);
                return bytes;
            }
        }
    }

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        // Never after Close: the descriptor's number may be somebody else's by then.
        lock (_closeLock)
        {
            var sent = _socket.Send(bytes, SocketFlags.None, out var error);
            return error switch
            {
                SocketError.Success => sent,
                SocketError.WouldBlock => 0,
                _ => throw Failed(error),
            };
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            bytes = bytes[TryWrite(bytes)..];
            if (bytes.IsEmpty)
            {
                return;
            }

            Wait(SelectMode.SelectWrite, long.MaxValue);
        }
    }

    public void Abort()
    {
        // Not after Close, as above.
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

    private bool TryRead(Span<byte> buffer, out int bytes)
    {
        bytes = _socket.Receive(buffer, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => true,
            SocketError.WouldBlock => false,
            _ => throw Failed(error),
        };
    }

    /// <summary>Sleeps until the socket is ready; false when the time is over first. What failed shows when it is used.</summary>
    private bool Wait(SelectMode what, long micros)
    {
        try
        {
            return _socket.Poll(micros > int.MaxValue ? -1 : (int)micros, what) || micros > int.MaxValue;
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static IOException Failed(SocketError error)
    {
        var why = new SocketException((int)error);
        return new IOException(why.Message, why);
    }
}
