using System.Diagnostics.CodeAnalysis;
using QueueIpc.Serialization;

namespace QueueIpc;

/// <summary>An item that failed too often, could not be read, or was declared dead by its consumer.</summary>
/// <param name="Sequence">The item's place in the queue, counted from 1 by the broker as it accepted items.</param>
/// <param name="Failures">How often it failed.</param>
/// <param name="Age">How long it has been dead.</param>
/// <param name="Reason">Why it is dead.</param>
/// <param name="Bytes">The item as it was serialised; empty for the null item.</param>
public sealed record DeadItem(long Sequence, int Failures, TimeSpan Age, string Reason, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>When it died, by the clock of the broker's machine. An older broker does not say it: then it is reckoned from <see cref="Age"/>.</summary>
    public DateTimeOffset DiedAt { get; init; }

    internal bool IsNull { get; init; }

    internal IQueueSerializer? Serializer { get; init; }

    /// <summary>Reads the item, with the serializer of the queue that it was got from. It stays where it is.</summary>
    /// <typeparam name="T">The item's type.</typeparam>
    /// <param name="item">The item; the type's default when it cannot be read as this type.</param>
    /// <returns>False when it cannot be read as this type.</returns>
    public bool TryRead<T>([MaybeNullWhen(false)] out T item)
    {
        try
        {
            item = new ItemCodec<T>(Serializer ?? (Reflection.IsComplete ? MessagePackItemSerializer.Instance : RawBytesSerializer.Instance)).Unpack(Bytes, IsNull);
            return true;
        }
        catch (Exception)
        {
            // Whatever a serializer throws: it is what makes an item unreadable.
            item = default;
            return false;
        }
    }
}
