using System.Buffers;

namespace QueueIpc;

/// <summary>
/// For queues of <c>byte[]</c> or <c>ReadOnlyMemory&lt;byte&gt;</c>, whose items travel as they are: it refuses items of any other type.
/// Trimmed and Native AOT programs need nothing more for such queues.
/// </summary>
public sealed class RawBytesSerializer : IQueueSerializer
{
    private RawBytesSerializer()
    {
    }

    /// <summary>The only one.</summary>
    public static RawBytesSerializer Instance { get; } = new();

    /// <summary>Refuses the item: bytes are not serialised.</summary>
    /// <typeparam name="T">The type of the queue's items.</typeparam>
    /// <param name="writer">Not used.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void Serialize<T>(IBufferWriter<byte> writer, T item) => throw Refusal(typeof(T));

    /// <summary>Refuses the item: bytes are not serialised.</summary>
    /// <typeparam name="T">The type of the queue's items.</typeparam>
    /// <param name="bytes">The item.</param>
    /// <returns>Never.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    public T Deserialize<T>(ReadOnlyMemory<byte> bytes) => throw Refusal(typeof(T));

    private static NotSupportedException Refusal(Type type) =>
        new($"This queue carries byte[] and ReadOnlyMemory<byte>, and {type} is neither. Open it with an IQueueSerializer of your own.");
}
