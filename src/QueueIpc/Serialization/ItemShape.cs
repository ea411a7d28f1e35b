using System.Collections;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>Refuses what MessagePack would write without a word, and nobody could read as it was: what Put accepts, Get gives back equal.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal static class ItemShape
{
    /// <summary>Why nobody could read it as it was; null when that is not so.</summary>
    public static string? Problem(Type type) =>
        type.IsDefined(typeof(MessagePackFormatterAttribute), inherit: false) ? null
        : IsUnionOfFSharp(type) ? $"{Words.Of(type)}: a union of F# has cases that nobody could tell apart. Send a record, or the case's name beside its value."
        : Advice.For(type) ?? ElementProblem(type) ?? OrderProblem(type) ?? KeysProblem(type);

    /// <summary>What holds nothing yet is refused as well: it would be the first full one that fails.</summary>
    private static string? ElementProblem(Type type) =>
        !typeof(IEnumerable).IsAssignableFrom(type) ? null
        : type.IsArray ? Problem(type.GetElementType()!)
        : type.GenericTypeArguments.Select(Problem).FirstOrDefault(problem => problem is not null);

    private static string? OrderProblem(Type type) =>
        IsSorted(type) && !IsComparable(type.GetGenericArguments()[0]) ? $"{Words.Of(type)}: its keys are compared by something that is not sent, for {Words.Of(type.GetGenericArguments()[0])} is not IComparable. Send an array." : null;

    private static bool IsComparable(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var value
        && (typeof(IComparable).IsAssignableFrom(value) || value == typeof(object) || value.IsInterface || typeof(IComparable<>).MakeGenericType(value).IsAssignableFrom(value));

    /// <summary>Why it would arrive with less than was put; whoever else wrote it, it can be read. Null when that is not so.</summary>
    public static string? ProblemOfPut(Type type) => OwnCollection.Member(type) is { } member
        ? $"{Words.Of(type)}: a collection is sent as its elements alone, and '{member}' would be lost. Make a class that has the collection as a member; or give '{member}' [IgnoreMember] (a field [NonSerialized]) if nobody misses it." : null;

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

    /// <summary>What the keys of a dictionary, a set or a lookup are; null for what has none.</summary>
    public static Type? KeyOf(Type type) =>
        type.GetInterfaces().Append(type).FirstOrDefault(one => one.IsGenericType && KindsWithKeys.Contains(one.GetGenericTypeDefinition()))?.GetGenericArguments()[0]
        ?? (typeof(IDictionary).IsAssignableFrom(type) ? typeof(object) : IsSetOfFSharp(type) ? type.GenericTypeArguments[0] : null);

    private static readonly Type[] KindsWithKeys = [typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>), typeof(ISet<>), typeof(IReadOnlySet<>), typeof(ILookup<,>)];

    private static bool IsSetOfFSharp(Type type) => type.FullName?.StartsWith("Microsoft.FSharp.Collections.FSharpSet`", StringComparison.Ordinal) == true;

    private static string? KeysProblem(Type type) =>
        !IsSorted(type) && KeyOf(type) is { } key && KeySecurity.Instance.Problem(key) is { } problem ? $"{Words.Of(type)}: {problem}" : null;

    /// <summary>Who keeps its keys in order asks for no hash.</summary>
    private static bool IsSorted(Type type) => IsSetOfFSharp(type) || (type.IsGenericType && type.GetGenericTypeDefinition() is var kind
        && (kind == typeof(SortedDictionary<,>) || kind == typeof(SortedSet<>) || kind == typeof(SortedList<,>) || kind.FullName!.StartsWith("System.Collections.Immutable.ImmutableSorted", StringComparison.Ordinal)));
}
