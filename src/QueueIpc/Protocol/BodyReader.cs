using System.Buffers.Binary;
using System.Text;
using QueueIpc.Core;

namespace QueueIpc.Protocol;

/// <summary>Reads a frame's body and believes nothing: what is not there is a bad frame, and so is what is left over.</summary>
internal ref struct BodyReader(ReadOnlySpan<byte> body)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = body;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw Bad($"a truth value is {other}; it can be 0 or 1"),
    };

    public QueueState State() => Byte() switch
    {
        <= (byte)QueueState.Completed and var state => (QueueState)state,
        var other => throw Bad($"a queue's state is {other}; it can be 0, 1 or 2"),
    };

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A length (16 bits) and so many bytes of UTF-8.</summary>
    public string Text()
    {
        var bytes = Take(UInt16());
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Bad("a text is not UTF-8");
        }
    }

    /// <summary>A count that cannot be larger than what follows has room for.</summary>
    public int Count(int bytesEachMin)
    {
        var count = UInt32();
        if (count > (uint)(_rest.Length / bytesEachMin))
        {
            throw Bad($"a count is {count}, and only {_rest.Length} bytes follow");
        }

        return (int)count;
    }

    /// <summary>One packed item: a length (32 bits, -1 for the null item) and so many bytes, of which some at the end may be a note, see <see cref="Core.Item.Length"/>.</summary>
    public ReadOnlySpan<byte> Item(out int length)
    {
        length = Int32();
        if (length < Core.Item.NullLength)
        {
            throw BadLength(length);
        }

        return Take(Core.Item.BytesOf(length));
    }

    /// <summary>So many packed items, each behind so many other bytes: one loop for a whole batch, since it goes over every item that travels.</summary>
    public ReadOnlySpan<byte> Items(int count, int bytesBeforeEach, out int largestBytes)
    {
        var (at, largest) = (0, 0);
        for (; count > 0; count--)
        {
            at += bytesBeforeEach;
            if (at > _rest.Length - sizeof(int))
            {
                throw Short(sizeof(int), _rest.Length - at);
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(_rest[at..]);
            at += sizeof(int);
            if (length < Core.Item.NullLength)
            {
                throw BadLength(length);
            }

            var bytes = Core.Item.BytesOf(length);
            if (bytes > _rest.Length - at)
            {
                throw Short(bytes, _rest.Length - at);
            }

            at += bytes;
            largest = Math.Max(largest, bytes);
        }

        largestBytes = largest;
        return Take(at);
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw Bad($"{_rest.Length} bytes are left over at the end of a frame");
        }
    }

    public ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > _rest.Length)
        {
            throw Short(bytes, _rest.Length);
        }

        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }

    private static ProtocolException BadLength(int length) => Bad($"an item's length is {length}");

    private static ProtocolException Short(int bytes, int left) => Bad($"a frame ends in the middle of a value: {bytes} bytes expected, {Math.Max(left, 0)} left");

    private static ProtocolException Bad(string what) => new(ErrorCode.BadFrame, what);
}
