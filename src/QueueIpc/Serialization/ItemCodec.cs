using System.Buffers;
using System.Buffers.Binary;
using QueueIpc.Core;

namespace QueueIpc.Serialization;

/// <summary>Packs items as they travel: a length and so many bytes; -1 and none for null. Raw byte types are not serialised at all.</summary>
internal static class ItemCodec
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    /// <summary>A writer of this thread's own, empty. Not across an await, and not while serialising an item inside an item.</summary>
    public static ArrayBufferWriter<byte> RentScratch()
    {
        var scratch = _scratch ?? new ArrayBufferWriter<byte>(1024);
        _scratch = null;
        scratch.ResetWrittenCount();
        return scratch;
    }

    /// <summary>Gives the writer back, unless somebody keeps its bytes.</summary>
    public static void ReturnScratch(ArrayBufferWriter<byte> scratch, bool isKept)
    {
        if (!isKept && scratch.Capacity <= 256 * 1024)
        {
            _scratch = scratch;
        }
    }

    /// <summary>Adds one packed item, and says how many bytes it has.</summary>
    public static int Pack<T>(ArrayBufferWriter<byte> to, T item, IQueueSerializer serializer)
    {
        if (item is null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(ItemBatch.PrefixBytes), Item.NullLength);
            to.Advance(ItemBatch.PrefixBytes);
            return 0;
        }

        var start = to.WrittenCount;
        to.GetSpan(ItemBatch.PrefixBytes);
        to.Advance(ItemBatch.PrefixBytes);
        switch (item)
        {
            case byte[] bytes when typeof(T) == typeof(byte[]):
                to.Write(bytes);
                break;
            case ReadOnlyMemory<byte> memory when typeof(T) == typeof(ReadOnlyMemory<byte>):
                to.Write(memory.Span);
                break;
            default:
                serializer.Serialize(to, item);
                break;
        }

        var length = to.WrittenCount - start - ItemBatch.PrefixBytes;
        var written = System.Runtime.InteropServices.MemoryMarshal.AsMemory(to.WrittenMemory);
        BinaryPrimitives.WriteInt32LittleEndian(written.Span[start..], length);
        return length;
    }

    public static T Unpack<T>(ReadOnlyMemory<byte> bytes, bool isNull, IQueueSerializer serializer)
    {
        if (isNull)
        {
            return default(T) is null ? default! : throw new InvalidDataException($"the item is null, and {typeof(T)} has no null");
        }

        if (typeof(T) == typeof(byte[]))
        {
            return (T)(object)bytes.ToArray();
        }

        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            return (T)(object)(ReadOnlyMemory<byte>)bytes.ToArray();
        }

        return serializer.Deserialize<T>(bytes);
    }
}
