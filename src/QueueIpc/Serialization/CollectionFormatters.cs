using System.Buffers;
using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
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

/// <summary>Keys that only a comparer of their own tells apart would be fewer where they arrive, for it is not sent.</summary>
internal sealed class ComparedKeysFormatter<T, TKey>(PropertyInfo comparer, IMessagePackFormatter<T?> formatter) : IMessagePackFormatter<T?>
{
    private readonly bool _isSorted = comparer.PropertyType == typeof(IComparer<TKey>);

    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        if (value is not null && !Equals(comparer.GetValue(value), _isSorted ? Comparer<TKey>.Default : EqualityComparer<TKey>.Default))
        {
            TKey[] keys = value is IDictionary map ? [.. map.Keys.Cast<TKey>()] : [.. (IEnumerable<TKey>)value];
            if (keys.Length != (_isSorted ? new SortedSet<TKey>(keys).Count : keys.Distinct().Count()))
            {
                throw new MessagePackSerializationException($"{Words.Of(typeof(T))}: two of its keys are equal without its comparer, which is not sent. Send a list of key-value pairs, or one without a comparer of its own.");
            }
        }

        formatter.Serialize(ref writer, value, options);
    }

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => formatter.Deserialize(ref reader, options);
}

/// <summary>Keys whose type alone does not say that each arrives as what it is are looked at before they are written: see <see cref="KeyCheck"/>.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class CheckedKeysFormatter<T>(KeysOf keys, IMessagePackFormatter<T?> formatter) : IMessagePackFormatter<T?>
{
    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        if (value is not null)
        {
            keys.Check(value);
        }

        formatter.Serialize(ref writer, value, options);
    }

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => formatter.Deserialize(ref reader, options);
}

/// <summary>For collections whose own code adds the elements: what is written is read again, and refused when it would be something else.</summary>
internal sealed class ProvenFormatter<T>(IMessagePackFormatter<T?> formatter) : IMessagePackFormatter<T?>
{
    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        var written = Write(ref writer, value, options);
        var reader = new MessagePackReader(written);
        if (!Write(ref writer, formatter.Deserialize(ref reader, options), options).Span.SequenceEqual(written.Span))
        {
            throw new MessagePackSerializationException($"{Words.Of(typeof(T))}: its own code changes what is added to it, or begins with elements of its own, so that something else would arrive. Make a class that has the collection as a member.");
        }

        writer.WriteRaw(written.Span);
    }

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => formatter.Deserialize(ref reader, options);

    private ReadOnlyMemory<byte> Write(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var to = writer.Clone(bytes);
        formatter.Serialize(ref to, value, options);
        to.Flush();
        return bytes.WrittenMemory;
    }
}
