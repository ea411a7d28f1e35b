using System.Buffers.Binary;
using System.IO.Pipes;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Support;

/// <summary>
/// A client that says what a test wants, right or wrong. It knows the protocol from docs/protocol.md, not from the library: a header of
/// 20 bytes (body length 4, op 1, flags 1, reserved 2, queue 4, request 8; little endian), then the body.
/// </summary>
internal sealed class RawClient : IDisposable
{
    public const byte Hello = 1;
    public const byte Open = 3;
    public const byte Put = 16;
    public const byte Welcome = 128;
    public const byte Opened = 129;
    public const byte Refused = 142;
    public const byte Error = 255;

    private const int HeaderBytes = 20;
    private readonly ILink _link;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    public RawClient(string endpoint)
    {
        var pipe = new NamedPipeClientStream(
            ".", PipeNames.PipeNameOf(endpoint), PipeDirection.InOut,
            PipeOptions.CurrentUserOnly | (OperatingSystem.IsWindows() ? PipeOptions.Asynchronous : PipeOptions.None));
        pipe.Connect(Times.Long);
        _link = OperatingSystem.IsWindows() ? new WindowsPipeLink(pipe) : new UnixPipeLink(pipe);
    }

    public static byte[] HelloBody => Body(writer =>
    {
        writer.Write("QIPC"u8);
        writer.Write((ushort)1);
        writer.Write(Environment.ProcessId);
    });

    /// <summary>A client that has greeted.</summary>
    public static RawClient Greeted(string endpoint)
    {
        var client = new RawClient(endpoint);
        client.Send(Frame(Hello, 0, 1, HelloBody));
        Assert.Equal(Welcome, client.ReadFrame().Op);
        return client;
    }

    /// <summary>The process of the broker that serves the endpoint, as it says in its greeting.</summary>
    public static int BrokerProcessId(string endpoint)
    {
        using var client = new RawClient(endpoint);
        client.Send(Frame(Hello, 0, 1, HelloBody));
        return BinaryPrimitives.ReadInt32LittleEndian(client.ReadFrame().Body.AsSpan(10));
    }

    public static byte[] Frame(byte op, uint queue, ulong request, byte[] body) => Body(writer =>
    {
        writer.Write(body.Length);
        writer.Write(op);
        writer.Write((byte)0);
        writer.Write((ushort)0);
        writer.Write(queue);
        writer.Write(request);
        writer.Write(body);
    });

    public static byte[] Body(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return stream.ToArray();
    }

    /// <summary>The body of a put of one item that waits for ever.</summary>
    public static byte[] PutBody(byte[] item) => Body(writer =>
    {
        writer.Write(-1L);
        writer.Write(1);
        writer.Write(item.Length);
        writer.Write(item);
    });

    public void Send(ReadOnlySpan<byte> bytes) => _link.Write(bytes);

    /// <summary>Sends all of it; false when the broker has ended the connection, before it or in the middle.</summary>
    public bool TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _link.Write(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Opens a queue and answers its number on this connection.</summary>
    public uint OpenQueue(string name)
    {
        Send(Frame(Open, 0, 2, Body(writer =>
        {
            writer.Write((ushort)name.Length);
            writer.Write(name.ToCharArray());
            writer.Write(false);
        })));
        var (op, queue, _) = ReadFrame();
        Assert.Equal(Opened, op);
        return queue;
    }

    public (byte Op, uint Queue, byte[] Body) ReadFrame()
    {
        var (op, queue, _, body) = ReadAnswer();
        return (op, queue, body);
    }

    public Answer ReadAnswer()
    {
        var header = new byte[HeaderBytes];
        ReadExactly(header);
        var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(header)];
        ReadExactly(body);
        return new Answer(header[4], BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)), BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(12)), body);
    }

    /// <summary>Reads until the broker ends the connection, and answers the code of its error frame, the only one.</summary>
    public int ReadErrorAndEnd()
    {
        var (op, _, body) = ReadFrame();
        Assert.Equal(Error, op);
        Assert.True(IsAtEnd(), "something comes behind the error");
        return BinaryPrimitives.ReadUInt16LittleEndian(body);
    }

    /// <summary>Waits for what comes next: is it the end? A reset is one as well.</summary>
    public bool IsAtEnd()
    {
        try
        {
            return _start == _end && !TryFill();
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _link.Close();

    internal readonly record struct Answer(byte Op, uint Queue, ulong Request, byte[] Body)
    {
        /// <summary>The code of a refusal.</summary>
        public int RefusedWith => Op == Refused ? BinaryPrimitives.ReadUInt16LittleEndian(Body) : throw new InvalidOperationException($"answered by {Op}");
    }

    private void ReadExactly(Span<byte> bytes)
    {
        for (var read = 0; read < bytes.Length;)
        {
            Assert.True(_start < _end || TryFill(), "the broker has ended the connection");
            var count = Math.Min(bytes.Length - read, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(bytes[read..]);
            _start += count;
            read += count;
        }
    }

    private bool TryFill()
    {
        (_start, _end) = (0, _link.Read(_buffer));
        return _end > 0;
    }
}
