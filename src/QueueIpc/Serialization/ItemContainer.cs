using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>An array or map that is being read, and where in it.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class ItemContainer(Type? type, bool isMap, long count)
{
    private readonly Type? _type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
    private string? _name;

    public long Index { get; private set; }

    public long? Case { get; set; }

    public bool IsDone => Index >= count;

    public bool IsAtName => isMap && _name is null;

    public bool IsUnion => _type is not null && !isMap && _type.IsDefined(typeof(UnionAttribute), inherit: false);

    public string? Name
    {
        set => _name = value;
    }

    /// <summary>As many values as the type has arguments, one behind the other.</summary>
    public static bool IsPairOrTuple(Type type) => type.IsGenericType && (typeof(ITuple).IsAssignableFrom(type) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    public static Shape? ShapeOf(Type type)
    {
        if (typeof(System.Collections.IEnumerable).IsAssignableFrom(type) || typeof(ITuple).IsAssignableFrom(type) || type.IsPrimitive || type == typeof(object))
        {
            return null;
        }

        try
        {
            return Shape.Of(type);
        }
        catch (MessagePackSerializationException)
        {
            return null;
        }
    }

    public void Next() => (Index, _name) = (Index + 1, null);

    public Type? TypeOfNext()
    {
        if (_type is null)
        {
            return null;
        }

        if (IsUnion)
        {
            return Index == 0 ? typeof(int) : _type.GetCustomAttributes(typeof(UnionAttribute), false).Cast<UnionAttribute>().FirstOrDefault(one => one.Key == Case)?.SubType;
        }

        if (_type.IsArray)
        {
            return _type.GetElementType();
        }

        if ((ItemShape.ArgumentsOf(_type, typeof(IDictionary<,>)) ?? ItemShape.ArgumentsOf(_type, typeof(IReadOnlyDictionary<,>))) is [_, var value])
        {
            return value;
        }

        if (IsPairOrTuple(_type))
        {
            return _type.GenericTypeArguments.ElementAtOrDefault((int)Index);
        }

        return ItemShape.ArgumentsOf(_type, typeof(IEnumerable<>)) is [var element] ? element : MemberHere()?.Type;
    }

    public string Segment()
    {
        if (IsUnion || (isMap && _name is null))
        {
            return string.Empty;
        }

        if (!isMap)
        {
            return _type is not null && typeof(ITuple).IsAssignableFrom(_type) ? $".Item{Index + 1}" : MemberHere() is { } member ? $".{member.Name}" : $"[{Index}]";
        }

        return _type is not null && ItemShape.IsDictionary(_type) ? $"[{Short(_name!)}]" : $".{Short(_name!)}";
    }

    private ShapeMember? MemberHere() => _type is null || ShapeOf(_type) is not { } shape ? null
        : shape.Members.FirstOrDefault(member => isMap ? member.Key == _name : shape.IsArray && member.Index == Index);

    private static string Short(string name) => name.Length <= 60 ? name : $"{name[..60]}…";
}
