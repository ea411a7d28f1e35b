using System.Buffers.Binary;
using System.Text;

namespace QueueIpc.Protocol;

/// <summary>
/// Frames on their way out. Small things are copied into one growing buffer, so that many frames leave with one system call;
/// large ones are only pointed at.
/// </summary>
internal sealed class OutBuffer
{
    private const int UsualBytes = 64 * 1024;

    /// <summary>From this size on, an item's bytes are sent from where they were serialised instead of being copied once more.</summary>
    private const int CopyBytesMax = 72 * 1024;
    private const int KeepBytesMax = 256 * 1024;

    /// <summary>What is so large is not copied into something larger, but gets another buffer behind it.</summary>
    private const int ChunkBytes = 1024 * 1024;

    /// <summary>From this size on, pointing is cheaper than copying.</summary>
    private const int ReferenceBytesMin = 16 * 1024;

    private readonly List<ArraySegment<byte>> _sealed = [];
    private byte[] _current = [];
    private int _start;
    private int _end;
    private byte[] _headerIn = [];
    private int _headerAt;
    private long _frameStartBytes;

    public bool IsEmpty => Bytes == 0;

    /// <summary>All bytes that are waiting.</summary>
    public long Bytes { get; private set; }

    /// <summary>The bytes that were copied, as opposed to pointed at: what this buffer really costs.</summary>
    public long CopiedBytes { get; private set; }

    public void BeginFrame(Op op, uint queue, ulong request, byte flags = 0)
    {
        var header = Reserve(FrameHeader.Size);
        new FrameHeader(0, op, flags, queue, request).Write(header);
        _headerIn = _current;
        _headerAt = _end - FrameHeader.Size;
        _frameStartBytes = Bytes;
    }

    public void EndFrame() =>
        BinaryPrimitives.WriteInt32LittleEndian(_headerIn.AsSpan(_headerAt), (int)(Bytes - _frameStartBytes));

    /// <summary>Copies the frame that was ended last, or so much of its body; false if its parts do not lie behind each other.</summary>
    public bool TryCopyLastFrame(ref byte[] body, out FrameHeader header, int bytesMax)
    {
        var bytes = (int)Math.Min(Bytes - _frameStartBytes, bytesMax);
        var start = _headerAt + FrameHeader.Size;
        header = FrameHeader.Read(_headerIn.AsSpan(_headerAt), int.MaxValue) with { BodyBytes = bytes };
        if (bytes > 0 && (!ReferenceEquals(_headerIn, _current) || start + bytes > _end))
        {
            return false;
        }

        if (body.Length < bytes)
        {
            body = new byte[Math.Max(bytes, 64)];
        }

        _headerIn.AsSpan(start, bytes).CopyTo(body);
        return true;
    }

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    public void Text(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        UInt16(checked((ushort)bytes));
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
    }

    public void Copy(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Adds bytes that nobody will change any more.</summary>
    public void Append(byte[] array, int offset, int count)
    {
        if (count < ReferenceBytesMin)
        {
            Copy(array.AsSpan(offset, count));
            return;
        }

        Seal();
        _sealed.Add(new ArraySegment<byte>(array, offset, count));
        Bytes += count;
    }

    /// <summary>Copies what is small, and points at what is large: nobody changes it until it is sent.</summary>
    public void Append(ArraySegment<byte> bytes)
    {
        if (bytes.Count <= CopyBytesMax)
        {
            Copy(bytes);
        }
        else
        {
            Append(bytes.Array!, bytes.Offset, bytes.Count);
        }
    }

    /// <summary>All that is waiting, in order.</summary>
    public IReadOnlyList<ArraySegment<byte>> Segments()
    {
        Seal();
        return _sealed;
    }

    public void Clear()
    {
        _sealed.Clear();
        _start = _end = 0;
        Bytes = CopiedBytes = 0;
        if (_current.Length > KeepBytesMax)
        {
            _current = [];
        }
    }

    public Span<byte> Reserve(int bytes)
    {
        if (bytes > _current.Length - _end)
        {
            Grow(bytes);
        }

        var span = _current.AsSpan(_end, bytes);
        _end += bytes;
        Bytes += bytes;
        CopiedBytes += bytes;
        return span;
    }

    private void Grow(int bytes)
    {
        // What is sealed stays where it is; only the open part moves.
        var open = _end - _start;
        if (open >= ChunkBytes)
        {
            Seal();
            _current = new byte[Math.Max(ChunkBytes, bytes)];
            _start = _end = 0;
            return;
        }

        var grown = new byte[Math.Max(_current.Length == 0 ? 1024 : Math.Max(UsualBytes, open * 2), open + bytes)];
        _current.AsSpan(_start, open).CopyTo(grown);
        if (ReferenceEquals(_headerIn, _current) && _headerAt >= _start)
        {
            _headerIn = grown;
            _headerAt -= _start;
        }

        _current = grown;
        _start = 0;
        _end = open;
    }

    private void Seal()
    {
        if (_end > _start)
        {
            _sealed.Add(new ArraySegment<byte>(_current, _start, _end - _start));
            _start = _end;
        }
    }
}
