using System.Buffers.Binary;

namespace QueueIpc.Core;

/// <summary>
/// Items packed one after the other, as they travel: a length (32 bits, little endian) and so many bytes each.
/// Whoever makes a batch has checked that <paramref name="count"/> items are really there, and take up <paramref name="packedBytes"/>.
/// </summary>
internal readonly struct ItemBatch(byte[] buffer, int offset, int count, int packedBytes)
{
    public const int PrefixBytes = sizeof(int);

    public byte[] Buffer { get; } = buffer;

    public int Offset { get; } = offset;

    public int Count { get; } = count;

    /// <summary>All bytes of the batch, lengths included.</summary>
    public int PackedBytes { get; } = packedBytes;

    /// <summary>The bytes of the items alone; null items have none.</summary>
    public int StoredBytes => PackedBytes - (Count * PrefixBytes);

    public ReadOnlySpan<byte> Packed => Buffer.AsSpan(Offset, PackedBytes);

    /// <summary>The first item's length as it travels, see <see cref="Item.Length"/>.</summary>
    public int FirstLength => LengthAt(Offset);

    public int FirstStoredBytes => Item.BytesOf(FirstLength);

    /// <summary>A batch with bytes of its own.</summary>
    public static ItemBatch CopyOf(ReadOnlySpan<byte> packed, int count)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(packed.Length);
        packed.CopyTo(buffer);
        return new ItemBatch(buffer, 0, count, packed.Length);
    }

    public int LargestItemBytes()
    {
        var largest = 0;
        for (int at = Offset, i = 0; i < Count; i++)
        {
            var stored = StoredAt(at);
            largest = Math.Max(largest, stored);
            at += PrefixBytes + stored;
        }

        return largest;
    }

    /// <summary>As many items from the beginning as may be by number, and have at most <paramref name="bytesMax"/> together.</summary>
    public ItemBatch Fitting(int countMax, long bytesMax)
    {
        if (Count <= countMax && StoredBytes <= bytesMax)
        {
            return this;
        }

        var (packed, fitting) = (0, 0);
        for (var left = bytesMax; fitting < Math.Min(countMax, Count); fitting++)
        {
            var stored = StoredAt(Offset + packed);
            left -= stored;
            if (left < 0)
            {
                break;
            }

            packed += PrefixBytes + stored;
        }

        return new ItemBatch(Buffer, Offset, fitting, packed);
    }

    /// <summary>As many items from the beginning as may be by number, up to the one with which they have <paramref name="bytes"/>: one at least.</summary>
    public ItemBatch Reaching(int countMax, long bytes)
    {
        if (Count <= countMax && StoredBytes < bytes)
        {
            return this;
        }

        var (packed, reaching) = (0, 0);
        var left = bytes;
        do
        {
            var stored = StoredAt(Offset + packed);
            packed += PrefixBytes + stored;
            left -= stored;
        }
        while (++reaching < Math.Min(countMax, Count) && left > 0);

        return new ItemBatch(Buffer, Offset, reaching, packed);
    }

    /// <summary>What is left behind those at the beginning.</summary>
    public ItemBatch Behind(in ItemBatch beginning) =>
        new(Buffer, Offset + beginning.PackedBytes, Count - beginning.Count, PackedBytes - beginning.PackedBytes);

    private int StoredAt(int at) => Item.BytesOf(LengthAt(at));

    private int LengthAt(int at) => BinaryPrimitives.ReadInt32LittleEndian(Buffer.AsSpan(at));
}
