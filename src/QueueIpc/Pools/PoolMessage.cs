using System.Buffers.Binary;
using QueueIpc.Serialization;

namespace QueueIpc.Pools;

/// <summary>What goes to a pool's worker.</summary>
internal enum PoolOrder : byte
{
    /// <summary>What the worker holds as long as its connection lives: when it is back, all that the worker has said is here.</summary>
    Token,
    Job,

    /// <summary>Nobody wants the job any more.</summary>
    Cancel,

    /// <summary>Somebody else has time for the jobs that were not begun.</summary>
    GiveBack,

    /// <summary>There are no more jobs for this worker.</summary>
    Dismiss,
}

/// <summary>What comes from a pool's worker.</summary>
internal enum PoolWord : byte
{
    Ready,
    Result,
    Thrown,

    /// <summary>The job was not begun, and will not be.</summary>
    NotBegun,

    /// <summary>The worker has ended. Who watches the process says this, behind all that the worker has said.</summary>
    Ended,
}

/// <summary>The messages between a pool and its workers, as they travel: a few numbers, and a job or its result.</summary>
internal static class PoolMessage
{
    public const int OrderBytes = 1 + sizeof(long);
    public const int WordBytes = sizeof(int) + 1 + sizeof(long) + sizeof(int);

    public static byte[] Order(PoolOrder order, long job = 0, ReadOnlySpan<byte> packed = default)
    {
        var message = new byte[OrderBytes + packed.Length];
        message[0] = (byte)order;
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(1), job);
        packed.CopyTo(message.AsSpan(OrderBytes));
        return message;
    }

    public static (PoolOrder Order, long Job, ReadOnlyMemory<byte> Packed) ReadOrder(byte[] message) =>
        ((PoolOrder)message[0], BinaryPrimitives.ReadInt64LittleEndian(message.AsSpan(1)), message.AsMemory(OrderBytes));

    public static byte[] Word(int worker, PoolWord word, long job = 0, int micros = 0, ReadOnlySpan<byte> packed = default)
    {
        var message = new byte[WordBytes + packed.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, worker);
        message[sizeof(int)] = (byte)word;
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(sizeof(int) + 1), job);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(WordBytes - sizeof(int)), micros);
        packed.CopyTo(message.AsSpan(WordBytes));
        return message;
    }

    public static (int Worker, PoolWord Word, long Job, int Micros, ReadOnlyMemory<byte> Packed) ReadWord(byte[] message) => (
        BinaryPrimitives.ReadInt32LittleEndian(message),
        (PoolWord)message[sizeof(int)],
        BinaryPrimitives.ReadInt64LittleEndian(message.AsSpan(sizeof(int) + 1)),
        BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(WordBytes - sizeof(int))),
        message.AsMemory(WordBytes));
}
