using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using QueueIpc.Core;

namespace QueueIpc.Serialization;

/// <summary>Packs items as they travel: a length and so many bytes; -1 and none for null. Raw byte types are not serialised at all.</summary>
internal sealed class ItemCodec<T>(IQueueSerializer serializer)
{
    // Asked once: in code that all reference types share, asking for a type is a look-up each time.
    private readonly bool _isBytes = typeof(T) == typeof(byte[]);
    private readonly bool _isMemory = typeof(T) == typeof(ReadOnlyMemory<byte>);

    public IQueueSerializer Serializer => serializer;

    /// <summary>Adds one packed item, and says how many bytes it has.</summary>
    public int Pack(PackedWriter to, T item)
    {
        if (item is null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(ItemBatch.PrefixBytes), Item.NullLength);
            to.Advance(ItemBatch.PrefixBytes);
            return 0;
        }

        if (_isBytes)
        {
            return PackRaw(to, Unsafe.As<T, byte[]>(ref item));
        }

        if (_isMemory)
        {
            return PackRaw(to, Unsafe.As<T, ReadOnlyMemory<byte>>(ref item).Span);
        }

        var start = to.WrittenCount;
        to.GetSpan(ItemBatch.PrefixBytes);
        to.Advance(ItemBatch.PrefixBytes);
        serializer.Serialize(to, item);
        var length = to.WrittenCount - start - ItemBatch.PrefixBytes;
        BinaryPrimitives.WriteInt32LittleEndian(to.Written.AsSpan(start), length);
        return length;
    }

    /// <summary>Adds a note to the item that begins at <paramref name="start"/> and was written last. The null item has none.</summary>
    public static void AddNote(PackedWriter to, int start, ReadOnlySpan<byte> note)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(to.Written.AsSpan(start));
        if (length == Item.NullLength)
        {
            return;
        }

        note.CopyTo(to.GetSpan(note.Length));
        to.Advance(note.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to.Written.AsSpan(start), (length + note.Length) | Item.NoteFlag);
    }

    public T Unpack(ReadOnlyMemory<byte> bytes, bool isNull)
    {
        if (isNull)
        {
            return default(T) is null ? default! : throw new InvalidDataException($"the item is null, and {Words.Of(typeof(T))} has no null");
        }

        if (_isBytes)
        {
            var array = Copied(bytes.Span);
            return Unsafe.As<byte[], T>(ref array);
        }

        if (_isMemory)
        {
            ReadOnlyMemory<byte> memory = Copied(bytes.Span);
            return Unsafe.As<ReadOnlyMemory<byte>, T>(ref memory);
        }

        return serializer.Deserialize<T>(bytes);
    }

    /// <summary>In an array that was not cleared first: half of what a large copy costs is that.</summary>
    private static byte[] Copied(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return [];
        }

        var copy = GC.AllocateUninitializedArray<byte>(bytes.Length);
        bytes.CopyTo(copy);
        return copy;
    }

    private static int PackRaw(PackedWriter to, ReadOnlySpan<byte> bytes)
    {
        var span = to.GetSpan(ItemBatch.PrefixBytes + bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, bytes.Length);
        bytes.CopyTo(span[ItemBatch.PrefixBytes..]);
        to.Advance(ItemBatch.PrefixBytes + bytes.Length);
        return bytes.Length;
    }
}
