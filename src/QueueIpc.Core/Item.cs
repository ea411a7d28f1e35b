using System.Buffers.Binary;

namespace QueueIpc.Core;

/// <summary>
/// One item: opaque bytes (a slice of the buffer it arrived in, behind its length there) and what the queue knows of it.
/// </summary>
internal readonly struct Item
{
    /// <summary>The length that stands for the null item, which has no bytes.</summary>
    public const int NullLength = -1;

    /// <summary>
    /// This bit of an item's length says that a note stands at the end of its bytes. That is between clients: here the note is a part of the item,
    /// and the bit goes where the length goes.
    /// </summary>
    public const int NoteFlag = 1 << 30;

    private const int FailureBits = 16;

    private readonly long _putAtAndFailures;

    private Item(byte[] buffer, int offset, int length, long sequence, long putAtAndFailures)
    {
        Buffer = buffer;
        Offset = offset;
        Length = length;
        Sequence = sequence;
        _putAtAndFailures = putAtAndFailures;
    }

    public Item(byte[] buffer, int offset, int length, long sequence, long putAt, int failures)
        : this(buffer, offset, length, sequence, (putAt << FailureBits) | (uint)failures)
    {
    }

    public byte[] Buffer { get; }

    public int Offset { get; }

    /// <summary>The length as it travels: in bytes, with <see cref="NoteFlag"/> or without, or <see cref="NullLength"/>.</summary>
    public int Length { get; }

    /// <summary>The item's place in the queue, given once, when the broker accepted it.</summary>
    public long Sequence { get; }

    /// <summary>When it was accepted, in microseconds of the machine's clock.</summary>
    public long PutAt => _putAtAndFailures >> FailureBits;

    public int Failures => (int)(_putAtAndFailures & ((1 << FailureBits) - 1));

    public int StoredBytes => BytesOf(Length);

    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(Offset, StoredBytes);

    /// <summary>The item as it travels: its length and its bytes.</summary>
    public ItemBatch Packed => new(Buffer, Offset - ItemBatch.PrefixBytes, 1, ItemBatch.PrefixBytes + StoredBytes);

    /// <summary>How many bytes belong to a length as it travels.</summary>
    public static int BytesOf(int length) => Math.Max(length, 0) & ~NoteFlag;

    public Item WithFailures(int failures) => new(Buffer, Offset, Length, Sequence, PutAt, Math.Min(failures, ushort.MaxValue));

    /// <summary>The item at the beginning of <paramref name="rest"/>, so many places behind this one and accepted together with it.</summary>
    public Item Next(in ItemBatch rest, int places) => new(rest.Buffer, rest.Offset + ItemBatch.PrefixBytes, rest.FirstLength, Sequence + places, _putAtAndFailures);

    /// <summary>The item that lies behind this one and was accepted together with it.</summary>
    public Item Behind()
    {
        var at = Offset + StoredBytes;
        return new(Buffer, at + ItemBatch.PrefixBytes, BinaryPrimitives.ReadInt32LittleEndian(Buffer.AsSpan(at)), Sequence + 1, _putAtAndFailures);
    }

    /// <summary>
    /// The same item in a buffer of its own, when it is a small part of a shared one:
    /// one item that stays for long must not keep its thousand neighbours' bytes in memory.
    /// </summary>
    public Item Compact() => Buffer.Length <= (2 * StoredBytes) + 64
        ? this
        : new Item(ItemBatch.CopyOf(Packed.Packed, count: 1).Buffer, ItemBatch.PrefixBytes, Length, Sequence, _putAtAndFailures);
}
