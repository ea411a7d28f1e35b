using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

/// <summary>One frame, by value: what was read from the wire, or is to be written to it.</summary>
internal sealed record WireFrame(Op Op, byte Flags, uint Queue, ulong Request, string BodyHex)
{
    public byte[] Body => Convert.FromHexString(BodyHex);

    public static WireFrame Of(in FrameHeader header, ReadOnlySpan<byte> body) =>
        new(header.Op, header.Flags, header.Queue, header.Request, Convert.ToHexString(body));

    /// <summary>A frame whose body is written by <paramref name="write"/>.</summary>
    public static WireFrame Make(Op op, uint queue, ulong request, byte flags = 0, Action<OutBuffer>? write = null)
    {
        var buffer = new OutBuffer();
        buffer.BeginFrame(op, queue, request, flags);
        write?.Invoke(buffer);
        buffer.EndFrame();
        return ReadAll(BytesOf(buffer)).Single();
    }

    public static byte[] BytesOf(OutBuffer buffer) => [.. buffer.Segments().SelectMany(segment => segment)];

    public static IReadOnlyList<WireFrame> ReadAll(byte[] bytes)
    {
        var reader = new FrameReader(int.MaxValue);
        return Feed(reader, bytes);
    }

    /// <summary>Gives the reader these bytes, as it has room, and takes all frames that are whole.</summary>
    public static List<WireFrame> Feed(FrameReader reader, ReadOnlySpan<byte> bytes)
    {
        var frames = new List<WireFrame>();
        while (!bytes.IsEmpty)
        {
            var space = reader.FreeSpace();
            var count = Math.Min(space.Length, bytes.Length);
            bytes[..count].CopyTo(space);
            bytes = bytes[count..];
            reader.Received(count);
            while (reader.TryRead(out var header, out var body))
            {
                frames.Add(Of(header, body));
            }
        }

        return frames;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[FrameHeader.Size + Body.Length];
        new FrameHeader(Body.Length, Op, Flags, Queue, Request).Write(bytes);
        Body.CopyTo(bytes, FrameHeader.Size);
        return bytes;
    }
}
