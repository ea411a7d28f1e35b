using System.Buffers;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>Bytes, in whatever .NET keeps them. Text is none, though MessagePack would take its bytes.</summary>
internal sealed class BytesFormatter<T>(IMessagePackFormatter<T> inner) : IMessagePackFormatter<T>
{
    public void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options) => inner.Serialize(ref writer, value, options);

    public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.NextCode is not ((>= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr) or (>= MessagePackCode.Str8 and <= MessagePackCode.Str32)))
        {
            return inner.Deserialize(ref reader, options);
        }

        reader.Skip();
        throw new MismatchException();
    }
}

/// <summary>What the bytes of this type are kept in.</summary>
internal static class BytesFormatter
{
    public static bool Is(Type type) => type == typeof(byte[]) || type == typeof(Memory<byte>) || type == typeof(ReadOnlyMemory<byte>) || type == typeof(ReadOnlySequence<byte>) || type == typeof(ArraySegment<byte>)
        || type == typeof(System.Numerics.BigInteger);
}

/// <summary>Something else came than is read. What, and where, is found in the bytes.</summary>
internal sealed class MismatchException : MessagePackSerializationException
{
    public MismatchException()
        : base("something else came than is read")
    {
    }
}
