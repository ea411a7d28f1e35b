using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>An array or map that is being read, and where in it.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class ItemContainer(Type? type, bool isMap, long count, string came, ItemContainer? parent)
{
    private readonly Type? _type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
    private readonly int _offset = parent is { IsRestNext: true } ? parent._offset + Rest : 0;
    private readonly HashSet<string> _names = [];
    private string? _name;

    /// <summary>From here on, a tuple's elements are in another one.</summary>
    private const int Rest = 7;

    public Type? Type => _type;

    /// <summary>What it is itself.</summary>
    public string Came => came;

    /// <summary>Whether the key that came last had come before.</summary>
    public bool IsSecond { get; private set; }

    /// <summary>Also where anything may be.</summary>
    public bool IsDictionary => isMap && (_type is null || _type == typeof(object) || ItemShape.IsDictionary(_type));

    public bool IsLookup => _type is not null && ItemShape.ArgumentsOf(_type, typeof(ILookup<,>)) is not null;

    public Type? TypeOfKey => !IsDictionary || _type is null ? null : ((ItemShape.ArgumentsOf(_type, typeof(IDictionary<,>)) ?? ItemShape.ArgumentsOf(_type, typeof(IReadOnlyDictionary<,>))) is [var key, _] ? key : typeof(object));

    private bool IsRestNext => _type is not null && typeof(ITuple).IsAssignableFrom(_type) && Index == Rest;

    public long Index { get; private set; }

    public long? Case { get; set; }

    public bool IsDone => Index >= count;

    public bool IsAtName => isMap && _name is null;

    public bool IsUnion => _type is not null && !isMap && _type.IsDefined(typeof(UnionAttribute), inherit: false);

    public string? Name => _name;

    /// <summary>As many values as the type has arguments, one behind the other.</summary>
    public static bool IsPairOrTuple(Type type) => type.IsGenericType && (typeof(ITuple).IsAssignableFrom(type) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    public static Shape? ShapeOf(Type type)
    {
        if (OwnCollection.IsSequence(type) || typeof(ITuple).IsAssignableFrom(type) || type.IsPrimitive || type == typeof(object))
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

    /// <summary>The value of this key comes next.</summary>
    public void IsAt(string name, string identity) => (_name, IsSecond) = (name, !_names.Add(identity));

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
            var rank = _type.GetArrayRank();
            return rank == 1 ? _type.GetElementType() : Index < rank ? typeof(int) : _type.GetElementType()!.MakeArrayType();
        }

        if (_type == typeof(DateTimeOffset))
        {
            return Index == 0 ? typeof(DateTime) : typeof(short);
        }

        if (_type == typeof(System.Collections.BitArray))
        {
            return typeof(bool);
        }

        if (_type == typeof(System.Numerics.Complex))
        {
            return typeof(double);
        }

        if (ItemShape.ArgumentsOf(_type, typeof(IGrouping<,>)) is [var groupKey, var grouped])
        {
            return Index == 0 ? groupKey : grouped.MakeArrayType();
        }

        if ((ItemShape.ArgumentsOf(_type, typeof(IDictionary<,>)) ?? ItemShape.ArgumentsOf(_type, typeof(IReadOnlyDictionary<,>))) is [_, var value])
        {
            return value;
        }

        if (IsPairOrTuple(_type))
        {
            return _type.GenericTypeArguments.ElementAtOrDefault((int)Index);
        }

        return OwnCollection.IsSequence(_type) && ItemShape.ArgumentsOf(_type, typeof(IEnumerable<>)) is [var element] ? element : MemberHere()?.Type;
    }

    public string Segment()
    {
        if (IsUnion || IsRestNext || (isMap && _name is null))
        {
            return string.Empty;
        }

        if (!isMap)
        {
            return _type is not null && typeof(ITuple).IsAssignableFrom(_type) ? $".Item{_offset + Index + 1}" : MemberHere() is { } member ? $".{member.Name}" : $"[{Index}]";
        }

        return _type is not null && ItemShape.IsDictionary(_type) ? $"[{Short(_name!)}]" : $".{Short(_name!)}";
    }

    private ShapeMember? MemberHere() => _type is null || ShapeOf(_type) is not { } shape ? null
        : shape.Members.FirstOrDefault(member => isMap ? member.Key == _name : shape.IsArray && member.Index == Index);

    private static string Short(string name) => name.Length <= 60 ? name : $"{name[..60]}…";
}
