using System.Buffers;

namespace QueueIpc.Serialization;

/// <summary>Where items are packed one behind the other, in memory from the pool.</summary>
internal sealed class PackedWriter : IBufferWriter<byte>
{
    private const int FirstBytes = 1024;

    private byte[] _buffer = [];

    public int WrittenCount { get; private set; }

    public ArraySegment<byte> Written => new(_buffer, 0, WrittenCount);

    public int Capacity => _buffer.Length;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - WrittenCount);
        WrittenCount += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsSpan(WrittenCount);
    }

    /// <summary>Forgets what was written behind so many bytes.</summary>
    public void Truncate(int bytes) => WrittenCount = bytes;

    /// <summary>Gives the memory back. Nobody may still read from it.</summary>
    public void Release()
    {
        var buffer = _buffer;
        (_buffer, WrittenCount) = ([], 0);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Ensure(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (needed <= _buffer.Length - WrittenCount)
        {
            return;
        }

        var full = _buffer;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(checked(WrittenCount + needed), (int)Math.Min(Math.Max(FirstBytes, full.Length * 2L), Array.MaxLength)));
        full.AsSpan(0, WrittenCount).CopyTo(_buffer);
        if (full.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(full);
        }
    }
}
