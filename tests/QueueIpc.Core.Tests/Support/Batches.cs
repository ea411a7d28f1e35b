using System.Buffers.Binary;

namespace QueueIpc.Core.Tests.Support;

/// <summary>Items as a put carries them: a length and so many bytes each; null is the item without bytes.</summary>
internal static class Batches
{
    public static ItemBatch Of(params byte[]?[] items)
    {
        var buffer = new byte[items.Sum(item => ItemBatch.PrefixBytes + (item?.Length ?? 0))];
        var offset = 0;
        foreach (var item in items)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(offset), item?.Length ?? Item.NullLength);
            item?.CopyTo(buffer, offset + ItemBatch.PrefixBytes);
            offset += ItemBatch.PrefixBytes + (item?.Length ?? 0);
        }

        return new ItemBatch(buffer, 0, items.Length, buffer.Length);
    }

    /// <summary>Items of one byte each.</summary>
    public static ItemBatch OfBytes(params byte[] items) => Of([.. items.Select(item => new[] { item })]);
}
