using System.Buffers.Binary;
using QueueIpc.Core;
using QueueIpc.Serialization;
using QueueIpc.Workers;

namespace QueueIpc.Pools;

/// <summary>Jobs and results as they travel: like items of a queue, and in programs without reflection like the arguments of a worker.</summary>
internal sealed class PoolCodec<T>
{
    private readonly ItemCodec<T>? _packed = Reflection.IsComplete ? new ItemCodec<T>(MessagePackItemSerializer.Instance) : null;

    public byte[] Pack(T value)
    {
        if (_packed is null)
        {
            return WorkerArgument.Pack(typeof(T), value);
        }

        // Not this thread's scratch: a job may put into queues while it is packed.
        var writer = new PackedWriter();
        try
        {
            _packed.Pack(writer, value);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Release();
        }
    }

    public T Unpack(ReadOnlyMemory<byte> bytes) => _packed is null
        ? (T)WorkerArgument.Unpack(typeof(T), bytes.ToArray())!
        : _packed.Unpack(bytes[ItemBatch.PrefixBytes..], BinaryPrimitives.ReadInt32LittleEndian(bytes.Span) == Item.NullLength);
}
