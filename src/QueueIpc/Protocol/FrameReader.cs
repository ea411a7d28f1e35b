using System.Buffers;
using System.Buffers.Binary;

namespace QueueIpc.Protocol;

/// <summary>
/// Turns bytes as they come into frames. Memory grows with the bytes that have arrived, never with a length that was only announced.
/// </summary>
internal sealed class FrameReader(int bodyBytesMax)
{
    private const int IdleBytes = 4 * 1024;
    private const int UsualBytes = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(IdleBytes);
    private int _start;
    private int _end;

    /// <summary>How large a frame's body may be; the handshake changes it.</summary>
    public int BodyBytesMax { get; set; } = bodyBytesMax;

    /// <summary>Whether a frame has begun and is not whole yet.</summary>
    public bool IsInsideFrame => _end > _start;

    /// <summary>Room for the next bytes; say with <see cref="Received"/> how many were put there.</summary>
    public Span<byte> FreeSpace()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > 4 * UsualBytes)
            {
                Replace(UsualBytes);
            }
        }

        if (_end == _buffer.Length)
        {
            MakeRoom();
        }

        return _buffer.AsSpan(_end);
    }

    public void Received(int bytes) => _end += bytes;

    /// <summary>Takes as many of these bytes as there is room for, and leaves the rest.</summary>
    public void Take(ref ReadOnlySpan<byte> bytes)
    {
        var space = FreeSpace();
        var count = Math.Min(space.Length, bytes.Length);
        bytes[..count].CopyTo(space);
        bytes = bytes[count..];
        Received(count);
    }

    /// <summary>The next whole frame. Its body is valid until <see cref="FreeSpace"/> is called again.</summary>
    public bool TryRead(out FrameHeader header, out ReadOnlySpan<byte> body)
    {
        header = default;
        body = default;
        if (_end - _start < FrameHeader.Size)
        {
            return false;
        }

        header = FrameHeader.Read(_buffer.AsSpan(_start), BodyBytesMax);
        if (_end - _start - FrameHeader.Size < header.BodyBytes)
        {
            return false;
        }

        body = _buffer.AsSpan(_start + FrameHeader.Size, header.BodyBytes);
        _start += FrameHeader.Size + header.BodyBytes;
        return true;
    }

    /// <summary>Nothing more will be read: a clock that still knows the reader's owner must not keep what arrived of a large frame.</summary>
    /// <remarks>The buffer does not go back to the pool: the body of the last frame may be in use.</remarks>
    public void Release()
    {
        _buffer = [];
        _start = _end = 0;
    }

    /// <summary>The size of the buffer after one of that size.</summary>
    internal static int Grown(int bytes) => (int)Math.Clamp(bytes * 2L, UsualBytes, Array.MaxLength);

    /// <summary>
    /// The size of the buffer for a frame of which so much has arrived: room for all of it if that is near, and not much more than what is here if it is
    /// not. That a frame is copied a third of once on its way here, and not twice, is most of what a large item costs.
    /// </summary>
    internal static int GrownFor(long frameBytes, int arrived) => (int)Math.Min(frameBytes <= arrived * 8L ? frameBytes : arrived * 4L, Array.MaxLength);

    /// <summary>How long the frame at the beginning says that it is; 0 if that is more than it may be, which is refused by whoever reads it.</summary>
    private long FrameBytes() =>
        BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_start)) is var body && body <= (uint)BodyBytesMax ? FrameHeader.Size + (long)body : 0;

    private void MakeRoom()
    {
        var used = _end - _start;
        if (used >= UsualBytes && FrameBytes() is var frame && frame > _buffer.Length)
        {
            Replace(Math.Max(_buffer.Length, GrownFor(frame, used)));
        }
        else if (used > _buffer.Length / 2 || _buffer.Length < UsualBytes)
        {
            // A connection that is hardly used keeps its small buffer; a full one was worth a usual one.
            Replace(Grown(_buffer.Length));
        }
        else
        {
            _buffer.AsSpan(_start, used).CopyTo(_buffer);
        }

        _start = 0;
        _end = used;
    }

    /// <summary>Large buffers come and go with large frames: fresh memory each time would cost more than the copy.</summary>
    private void Replace(int bytes)
    {
        var replaced = _buffer;
        _buffer = ArrayPool<byte>.Shared.Rent(bytes);
        replaced.AsSpan(_start, _end - _start).CopyTo(_buffer);
        ArrayPool<byte>.Shared.Return(replaced);
    }
}
