using System.Buffers;

namespace QueueIpc;

/// <summary>
/// How items become bytes and bytes items. Implementations are called from many threads at once. The null item never gets here, nor do the items of a queue
/// of <c>byte[]</c> or <c>ReadOnlyMemory&lt;byte&gt;</c>: the queue carries them by itself.
/// </summary>
public interface IQueueSerializer
{
    /// <summary>Writes the item. Whatever is thrown reaches the caller of Put inside an <see cref="ItemSerializationException"/>.</summary>
    /// <typeparam name="T">The type of the queue's items.</typeparam>
    /// <param name="writer">Where the bytes go.</param>
    /// <param name="item">The item, never null.</param>
    void Serialize<T>(IBufferWriter<byte> writer, T item);

    /// <summary>Reads an item. The bytes come from another process and may be anything; whatever is thrown makes the item a dead one.</summary>
    /// <typeparam name="T">The type of the queue's items.</typeparam>
    /// <param name="bytes">The whole item. The memory is used again after the call: copy what is to stay.</param>
    /// <returns>The item.</returns>
    T Deserialize<T>(ReadOnlyMemory<byte> bytes);
}
