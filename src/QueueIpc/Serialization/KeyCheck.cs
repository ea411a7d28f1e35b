using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>
/// What keys of a type have to be looked at for, one by one, before they are written: where their type alone does not say that each arrives as what it is. Two that arrived
/// as the same would be one, or make the whole unreadable.
/// </summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal static class KeyCheck
{
    private const int DepthMax = 500;

    private static readonly ConcurrentDictionary<Type, Func<object, string?>?> Known = new();

    [ThreadStatic]
    private static HashSet<Type>? _looking;

    /// <summary>Says what is wrong with a key, or a part of one; null when there is nothing to look at.</summary>
    public static Func<object, string?>? Of(Type type)
    {
        if (Known.TryGetValue(type, out var known))
        {
            return known;
        }

        _looking ??= [];
        if (!_looking.Add(type))
        {
            // It holds itself: by then it is known.
            return key => Of(type)?.Invoke(key);
        }

        try
        {
            return Known[type] = Make(type);
        }
        finally
        {
            _looking.Remove(type);
        }
    }

    /// <summary>What a key of type object is where it arrives; null for what arrives as something else.</summary>
    public static object? AsItArrives(object key) => key switch
    {
        string or bool => key,
        ulong number => (decimal)number,
        sbyte or byte or short or ushort or int or uint or long => Convert.ToDecimal(key, CultureInfo.InvariantCulture),
        float or double => Convert.ToDouble(key, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Nobody can write it: UTF-8 has no such thing.</summary>
    public static bool HasHalfOfAPair(string text)
    {
        for (var at = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); at >= 0 && at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && !(at + 1 < text.Length && char.IsSurrogatePair(text[at], text[++at])))
            {
                return true;
            }
        }

        return false;
    }

    private static Func<object, string?>? Make(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Of(value);
        }

        if (type == typeof(string))
        {
            return static key => HasHalfOfAPair((string)key) ? "a key has half of a surrogate pair, and would arrive with U+FFFD in its place. Cut text between characters, not inside of one." : null;
        }

        if (type == typeof(DateTime))
        {
            return static key => ((DateTime)key).Kind == DateTimeKind.Local
                ? "a key is a DateTime of kind Local, and would arrive as another one, in UTC. Use its ToUniversalTime(), or keys of type DateTimeOffset." : null;
        }

        if (type == typeof(object))
        {
            return static key => AsItArrives(key) is null
                ? $"a key is a {Words.Of(key.GetType())}, and would arrive as something else. Keys of type object may be texts, numbers and bool; or give them their type." : Of(key.GetType())?.Invoke(key);
        }

        if (type.IsDefined(typeof(UnionAttribute), inherit: false))
        {
            return key => Of(key.GetType())?.Invoke(key);
        }

        var parts = PartsOf(type).Select(part => CheckOfPart(type, part)).Where(check => check is not null).ToArray();
        var isOpen = !type.IsSealed && !type.IsValueType && !type.IsInterface && type != typeof(Uri);
        return parts.Length == 0 && !isOpen ? null : key => ProblemOf(key, isOpen ? type : null, parts!);
    }

    private static string? ProblemOf(object key, Type? only, Func<object, string?>[] parts)
    {
        if (only is not null && key.GetType() != only)
        {
            return $"a key is, or has in it, a {Words.Of(key.GetType())}, and it would arrive as a {Words.Of(only)}. Send a list of key-value pairs.";
        }

        WritingDepth.Enter(DepthMax);
        try
        {
            return parts.Select(part => part(key)).FirstOrDefault(problem => problem is not null);
        }
        finally
        {
            WritingDepth.Leave();
        }
    }

    private static IEnumerable<MemberInfo> PartsOf(Type type)
    {
        if (typeof(ITuple).IsAssignableFrom(type) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)))
        {
            return type.GetFields(Shape.Declared);
        }

        return ItemContainer.ShapeOf(type) is { } shape && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true
            ? shape.Members.Where(member => member.IsWritten && member.IsRead).Select(member => member.Info) : [];
    }

    private static Func<object, string?>? CheckOfPart(Type type, MemberInfo part)
    {
        if (Of(part is FieldInfo field ? field.FieldType : ((PropertyInfo)part).PropertyType) is not { } check)
        {
            return null;
        }

        var key = Expression.Parameter(typeof(object));
        var get = Expression.Lambda<Func<object, object?>>(Expression.Convert(Expression.MakeMemberAccess(Expression.Convert(key, type), part), typeof(object)), key).Compile();
        return owner => get(owner) is { } value ? check(value) : null;
    }
}
