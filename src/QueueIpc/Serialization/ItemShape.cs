using System.Collections;
using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>Refuses what MessagePack would write without a word, and nobody could read as it was: what Put accepts, Get gives back equal.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal static class ItemShape
{
    /// <summary>Why nobody could read it as it was; null when that is not so.</summary>
    public static string? Problem(Type type) =>
        typeof(Exception).IsAssignableFrom(type) ? $"{Words.Of(type)}: an exception does not arrive as it was. Send WorkerFailure.From(exception): its type, message and stack, and those of the ones inside."
        : IsUnionOfFSharp(type) ? $"{Words.Of(type)}: a union of F# has cases that nobody could tell apart. Send a record, or the case's name beside its value."
        : type.FullName?.StartsWith("Microsoft.FSharp.Collections.FSharpList`", StringComparison.Ordinal) == true ? $"{Words.Of(type)}: a list of F# cannot be made again. Send an array, or a Set."
        : type.FullName?.StartsWith("Microsoft.FSharp.Collections.FSharpMap`", StringComparison.Ordinal) == true ? $"{Words.Of(type)}: a Map of F# cannot be made again. Send a dictionary (dict, or Dictionary)."
        : OfItsOwnProblem(type) ?? KeysProblem(type) ?? ElementProblem(type);

    /// <summary>What holds nothing yet is refused as well: it would be the first full one that fails.</summary>
    private static string? ElementProblem(Type type) =>
        !typeof(IEnumerable).IsAssignableFrom(type) ? null
        : type.IsArray ? Problem(type.GetElementType()!)
        : type.GenericTypeArguments.Select(Problem).FirstOrDefault(problem => problem is not null);

    /// <summary>.NET's own types that are more than what their properties say.</summary>
    private static string? OfItsOwnProblem(Type type) =>
        typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask) || IsOf(type, typeof(ValueTask<>)) ? $"{Words.Of(type)}: a task means nothing in another process. Await it, and send its result."
        : IsOf(type, typeof(BlockingCollection<>)) ? $"{Words.Of(type)}: a BlockingCollection does not arrive as it was. Send its ToArray()."
        : type == typeof(DBNull) ? "DBNull: there is one in each process, and another one would arrive. Send null."
        : type.FullName?.StartsWith("System.Xml.", StringComparison.Ordinal) == true && !type.IsEnum ? $"{Words.Of(type)}: XML does not arrive as it was. Send its text."
        : type.FullName?.StartsWith("System.Buffers.SearchValues", StringComparison.Ordinal) == true ? $"{Words.Of(type)}: it cannot be made again. Send the values."
        : IsSorted(type) && !IsComparable(type.GetGenericArguments()[0]) ? $"{Words.Of(type)}: its keys are compared by something that is not sent, for {Words.Of(type.GetGenericArguments()[0])} is not IComparable. Send an array."
        : null;

    private static bool IsOf(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic;

    private static bool IsComparable(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var value
        && (typeof(IComparable).IsAssignableFrom(value) || value == typeof(object) || value.IsInterface || typeof(IComparable<>).MakeGenericType(value).IsAssignableFrom(value));

    /// <summary>Why it would arrive with less than was put; whoever else wrote it, it can be read. Null when that is not so.</summary>
    public static string? ProblemOfPut(Type type) =>
        OwnMemberOfCollection(type) is { } member ? $"{Words.Of(type)}: a collection is sent as its elements alone, and '{member}' would be lost. Make a class that has the collection as a member." : null;

    /// <summary>The arguments with which the type is, or implements, this interface; null when it does not, or does so twice.</summary>
    public static Type[]? ArgumentsOf(Type type, Type generic) =>
        type.GetInterfaces().Append(type).Where(one => one.IsGenericType && one.GetGenericTypeDefinition() == generic).ToArray() is [var only] ? only.GenericTypeArguments : null;

    public static bool IsDictionary(Type type) => typeof(IDictionary).IsAssignableFrom(type) || ArgumentsOf(type, typeof(IDictionary<,>)) is not null || ArgumentsOf(type, typeof(IReadOnlyDictionary<,>)) is not null;

    /// <summary>One of several cases. A union of one case is a class like others, and an option is null or its value.</summary>
    private static bool IsUnionOfFSharp(Type type)
    {
        const int SumType = 1;
        const int KindMask = 31;
        return type.CustomAttributes.Any(attribute => attribute.AttributeType.FullName == "Microsoft.FSharp.Core.CompilationMappingAttribute" && attribute.ConstructorArguments is [{ Value: int flags }, ..] && (flags & KindMask) == SumType)
            && (type.IsValueType || (type.Namespace != "Microsoft.FSharp.Core" && type.Namespace != "Microsoft.FSharp.Collections" && type.GetNestedTypes().Length > 0) || type.FullName!.StartsWith("Microsoft.FSharp.Core.FSharpChoice`", StringComparison.Ordinal));
    }

    /// <summary>A property or field of a collection that is not .NET's, which its elements say nothing of.</summary>
    private static string? OwnMemberOfCollection(Type type)
    {
        if (!typeof(IEnumerable).IsAssignableFrom(type) || !IsCollection(type) || type.IsDefined(typeof(MessagePackObjectAttribute)))
        {
            return null;
        }

        for (var own = type; own is not null && own.Namespace?.StartsWith("System", StringComparison.Ordinal) != true; own = own.BaseType)
        {
            const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
            var property = own.GetProperties(Declared).FirstOrDefault(one => one.SetMethod is { IsPublic: true } && one.GetIndexParameters().Length == 0 && one.Name != nameof(List<>.Capacity) && !IsIgnored(one));
            var field = own.GetFields(Declared).FirstOrDefault(one => !one.IsInitOnly && !IsIgnored(one));
            if (((MemberInfo?)property ?? field)?.Name is { } name)
            {
                return name;
            }
        }

        return IsKeyed(type) ? "the keys" : null;
    }

    private static bool IsCollection(Type type) => typeof(IList).IsAssignableFrom(type) || typeof(IDictionary).IsAssignableFrom(type)
        || type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(ICollection<>));

    private static bool IsKeyed(Type type)
    {
        for (var own = type; own is not null; own = own.BaseType)
        {
            if (own.IsGenericType && own.GetGenericTypeDefinition() == typeof(KeyedCollection<,>))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsIgnored(MemberInfo member) => member.IsDefined(typeof(IgnoreMemberAttribute)) || member.IsDefined(typeof(System.Runtime.Serialization.IgnoreDataMemberAttribute));

    /// <summary>What the keys of a dictionary, a set or a lookup are; null for what has none.</summary>
    public static Type? KeyOf(Type type) =>
        type.GetInterfaces().Append(type).FirstOrDefault(one => one.IsGenericType && KindsWithKeys.Contains(one.GetGenericTypeDefinition()))?.GetGenericArguments()[0]
        ?? (typeof(IDictionary).IsAssignableFrom(type) ? typeof(object) : null);

    private static readonly Type[] KindsWithKeys = [typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(ISet<>), typeof(IReadOnlySet<>), typeof(ILookup<,>)];

    private static string? KeysProblem(Type type) =>
        !IsSorted(type) && KeyOf(type) is { } key && KeySecurity.Instance.Problem(key) is { } problem ? $"{Words.Of(type)}: {problem}" : null;

    /// <summary>Who keeps its keys in order asks for no hash.</summary>
    private static bool IsSorted(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is var kind
        && (kind == typeof(SortedDictionary<,>) || kind == typeof(SortedSet<>) || kind == typeof(SortedList<,>) || kind.FullName!.StartsWith("System.Collections.Immutable.ImmutableSorted", StringComparison.Ordinal));
}
