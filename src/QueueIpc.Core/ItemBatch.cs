using System.Buffers.Binary;

namespace QueueIpc.Core;

/// <summary>
/// A cursor over the items of one put, packed one after the other: a length (32 bits, little endian) and so many bytes.
/// Whoever makes one has checked that <see cref="Remaining"/> items are really there.
/// </summary>
internal struct ItemBatch(byte[] buffer, int offset, int count)
{
    public const int PrefixBytes = sizeof(int);

    private readonly byte[] _buffer = buffer;
    private int _offset = offset;

    public int Remaining { get; private set; } = count;

    public readonly int NextLength => BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_offset));

    public readonly int NextStoredBytes => Math.Max(NextLength, 0);

    /// <summary>Steps over the next item and makes it one of the queue.</summary>
    public Item Take(long sequence, long now)
    {
        var item = new Item(_buffer, _offset + PrefixBytes, NextLength, sequence, now, failures: 0);
        Skip();
        return item;
    }

    public readonly int LargestItemBytes()
    {
        var largest = 0;
        for (var rest = this; rest.Remaining > 0; rest.Skip())
        {
            largest = Math.Max(largest, rest.NextStoredBytes);
        }

        return largest;
    }

    private void Skip()
    {
        _offset += PrefixBytes + NextStoredBytes;
        Remaining--;
    }
}
