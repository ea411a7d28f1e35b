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

/// <summary>
/// Keys that could be something else than what they are declared as: one that would arrive as another, perhaps the same as its neighbour, makes the whole unreadable. So they
/// are looked at before they are written.
/// </summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class OpenKeysFormatter<T>(Type key, IMessagePackFormatter<T?> formatter) : IMessagePackFormatter<T?>
{
    private readonly Func<T, IEnumerable> _keysOf = FindKeys();

    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        if (value is not null)
        {
            Check(_keysOf(value));
        }

        formatter.Serialize(ref writer, value, options);
    }

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => formatter.Deserialize(ref reader, options);

    /// <summary>How the keys are found, decided once.</summary>
    private static Func<T, IEnumerable> FindKeys()
    {
        if (typeof(IDictionary).IsAssignableFrom(typeof(T)))
        {
            return static value => ((IDictionary)value!).Keys;
        }

        if (ItemShape.ArgumentsOf(typeof(T), typeof(ILookup<,>)) is { } of)
        {
            var key = typeof(IGrouping<,>).MakeGenericType(of).GetProperty("Key")!;
            return value => ((IEnumerable)value!).Cast<object>().Select(key.GetValue);
        }

        var keys = typeof(T).GetInterfaces().Append(typeof(T)).Select(one => one.GetProperty("Keys")).FirstOrDefault(keys => keys is not null);
        return value => (IEnumerable)(keys is null ? value! : keys.GetValue(value)!);
    }

    private void Check(IEnumerable keys)
    {
        var seen = key == typeof(object) ? new HashSet<object>() : null;
        foreach (var one in keys)
        {
            if (seen is null)
            {
                if (one is not null && one.GetType() != key)
                {
                    throw new MessagePackSerializationException($"{Words.Of(typeof(T))}: a key is a {Words.Of(one.GetType())}, and would arrive as a {Words.Of(key)}. Send a list of key-value pairs.");
                }
            }
            else if (!seen.Add(AsItArrives(one) ?? throw new MessagePackSerializationException($"{Words.Of(typeof(T))}: a key is a {Words.Of(one!.GetType())}, and would arrive as something else. Keys of type object may be texts, numbers and bool; or give them their type.")))
            {
                throw new MessagePackSerializationException($"{Words.Of(typeof(T))}: two keys of different types would arrive as the same, {one}. Give the keys one type.");
            }
        }
    }

    /// <summary>Null for what arrives as something else.</summary>
    private static object? AsItArrives(object? key) => key switch
    {
        string or bool => key,
        ulong number => (decimal)number,
        sbyte or byte or short or ushort or int or uint or long => Convert.ToDecimal(key, System.Globalization.CultureInfo.InvariantCulture),
        float or double => Convert.ToDouble(key, System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };
}
