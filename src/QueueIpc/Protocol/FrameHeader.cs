using System.Buffers.Binary;

namespace QueueIpc.Protocol;

/// <summary>
/// The 20 bytes before every body, little endian: body length (4), op (1), flags (1), reserved (2, zero), queue (4), request (8).
/// </summary>
internal readonly record struct FrameHeader(int BodyBytes, Op Op, byte Flags, uint Queue, ulong Request)
{
    public const int Size = 20;

    /// <summary>Flag of Get, Subscribe: lease instead of take. Of Items: each item is preceded by its token and failures.</summary>
    public const byte LeaseFlag = 1;

    /// <summary>Flag of Put, from version 2 on: its items are numbered, so that they can come again.</summary>
    public const byte NumberedFlag = 2;

    /// <summary>Flag of Subscribe: whoever reads answers Recall with Return.</summary>
    public const byte ReturnFlag = 2;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, BodyBytes);
        to[4] = (byte)Op;
        to[5] = Flags;
        to[6] = to[7] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Queue);
        BinaryPrimitives.WriteUInt64LittleEndian(to[12..], Request);
    }

    /// <summary>Reads a header whose body may have <paramref name="bodyBytesMax"/> bytes; anything else is a bad frame.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> from, int bodyBytesMax)
    {
        var bodyBytes = BinaryPrimitives.ReadUInt32LittleEndian(from);
        if (bodyBytes > (uint)bodyBytesMax)
        {
            throw new ProtocolException(ErrorCode.FrameTooLarge, $"a frame's body has {bodyBytes} bytes; the limit is {bodyBytesMax}");
        }

        if (from[6] != 0 || from[7] != 0)
        {
            throw new ProtocolException(ErrorCode.BadFrame, "the reserved bytes of a frame header are not zero");
        }

        return new FrameHeader(
            (int)bodyBytes,
            (Op)from[4],
            from[5],
            BinaryPrimitives.ReadUInt32LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[12..]));
    }
}
