using System.Collections;
using System.Reflection;

namespace QueueIpc.Tests.Items;

/// <summary>A type's name, and what becomes of a value of it.</summary>
public abstract record ItemTableRow(string Name, bool IsRefused)
{
    /// <summary>The bytes that travel; throws what Put throws.</summary>
    public abstract byte[] OnWire();

    /// <summary>Whether these bytes are read as the value.</summary>
    public abstract bool IsReadFrom(byte[] bytes);

    public sealed override string ToString() => Name;
}

/// <inheritdoc/>
public sealed record ItemTableRow<T>(string Name, T Item, Func<T, T, bool>? Same, bool IsRefused) : ItemTableRow(Name, IsRefused)
{
    /// <inheritdoc/>
    public override byte[] OnWire()
    {
        using var queue = IpcQueue.Create<T>();
        using var raw = IpcQueue.Open<byte[]?>(queue.Endpoint, queue.Name);
        queue.Put(Item);
        return raw.Get() ?? [0xc0];
    }

    /// <inheritdoc/>
    public override bool IsReadFrom(byte[] bytes)
    {
        using var queue = IpcQueue.Create<T>();
        using var raw = IpcQueue.Open<byte[]>(queue.Endpoint, queue.Name);
        raw.Put(bytes);
        var got = queue.Get();
        return Same?.Invoke(Item, got) ?? Equality.Of(Item, got);
    }
}

/// <summary>Whether two objects say the same, however deep: their elements in order (of sets and dictionaries in any), their public properties and fields.</summary>
internal static class Equality
{
    public static bool Of(object? one, object? other)
    {
        if (one is null || other is null)
        {
            return one is null && other is null;
        }

        if (one.Equals(other))
        {
            return !(one is double number && BitConverter.DoubleToInt64Bits(number) != BitConverter.DoubleToInt64Bits((double)other)) && (one is not DateTimeOffset time || time.EqualsExact((DateTimeOffset)other));
        }

        if (one is string or IFormattable)
        {
            return false;
        }

        if (one is Array { Rank: > 1 } array && other is Array otherArray && Enumerable.Range(0, array.Rank).Any(rank => array.GetLength(rank) != otherArray.GetLength(rank)))
        {
            return false;
        }

        if (one is IEnumerable many && other is IEnumerable otherMany)
        {
            var (these, those) = (many.Cast<object?>().ToList(), otherMany.Cast<object?>().ToList());
            return these.Count == those.Count && (IsOrdered(one.GetType()) ? these.Zip(those).All(pair => Of(pair.First, pair.Second)) : these.TrueForAll(item => those.Exists(match => Of(item, match))));
        }

        var type = one.GetType();
        if (type != other.GetType())
        {
            return false;
        }

        var parts = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0).Select(property => (property.GetValue(one), property.GetValue(other)))
            .Concat(type.GetFields(BindingFlags.Public | BindingFlags.Instance).Select(field => (field.GetValue(one), field.GetValue(other)))).ToList();
        return parts.Count > 0 && parts.TrueForAll(part => Of(part.Item1, part.Item2));
    }

    private static bool IsOrdered(Type type) => !type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() is var kind && (kind == typeof(ISet<>) || kind == typeof(IDictionary<,>) || kind == typeof(ILookup<,>)));
}
