using System.Collections.Concurrent;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>Writes as one formatter does and reads as another.</summary>
internal sealed class SplitFormatter<T>(IMessagePackFormatter<T?> writes, IMessagePackFormatter<T?> reads) : IMessagePackFormatter<T?>
{
    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options) => writes.Serialize(ref writer, value, options);

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => reads.Deserialize(ref reader, options);
}

/// <summary>Refuses to write what could not arrive as it was.</summary>
internal sealed class RefusingFormatter<T>(string problem) : IMessagePackFormatter<T?>
{
    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options) => throw new MessagePackSerializationException(problem);

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => throw new MessagePackSerializationException(problem);
}

/// <summary>A bag says last what was put first: it is filled from the end, so that it says everything again in the same order.</summary>
internal sealed class BagFormatter<T> : IMessagePackFormatter<ConcurrentBag<T>?>
{
    private readonly ArrayFormatter<T> _elements = new();

    public void Serialize(ref MessagePackWriter writer, ConcurrentBag<T>? value, MessagePackSerializerOptions options) => _elements.Serialize(ref writer, value?.ToArray(), options);

    public ConcurrentBag<T>? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
        _elements.Deserialize(ref reader, options) is { } elements ? [.. elements.Reverse()] : null;
}
