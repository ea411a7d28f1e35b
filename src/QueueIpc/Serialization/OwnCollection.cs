using System.Collections;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>Collections that are not .NET's own: sent as their elements alone, they may be more than those.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal static class OwnCollection
{
    private const BindingFlags DeclaredPublic = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>A property or field that its elements say nothing of; null when there is none.</summary>
    public static string? Member(Type type)
    {
        if (!IsCollection(type))
        {
            return null;
        }

        var parameters = type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Levels(type).Select(own => SettableProperty(own, parameters) ?? State(type, own)).FirstOrDefault(name => name is not null) ?? (IsKeyed(type) ? "the keys" : null);
    }

    /// <summary>Whether its elements depend on code of its own: what adds them, or a constructor that does not make an empty one.</summary>
    public static bool AddsByItself(Type type)
    {
        if (!IsCollection(type) || !Levels(type).Any() || type.IsAbstract)
        {
            return false;
        }

        var adds = type.GetInterfaces().Where(one => one == typeof(IList) || one == typeof(IDictionary) || (one.IsGenericType && one.GetGenericTypeDefinition() is var kind && (kind == typeof(ICollection<>) || kind == typeof(IDictionary<,>))))
            .SelectMany(one => type.GetInterfaceMap(one).TargetMethods).Where(method => method.Name == "Add" || method.Name.EndsWith(".Add", StringComparison.Ordinal))
            .Concat(type.GetMethods(BindingFlags.NonPublic | BindingFlags.Instance).Where(method => method.Name == "InsertItem"));
        return adds.Any(method => !Advice.IsOfDotnet(method.DeclaringType!)) || !BeginsEmpty(type);
    }

    /// <summary>Whether it is its elements. A class of somebody that can only be gone through is its members.</summary>
    public static bool IsSequence(Type type) => typeof(IEnumerable).IsAssignableFrom(type) && (type.IsArray || type.IsInterface || Advice.IsOfDotnet(type) || IsCollection(type)
        || type.GetConstructors().Any(constructor => constructor.GetParameters() is [{ ParameterType: var parameter }] && ItemShape.ArgumentsOf(type, typeof(IEnumerable<>)) is [var element] && parameter == typeof(IEnumerable<>).MakeGenericType(element)));

    private static bool BeginsEmpty(Type type)
    {
        try
        {
            return type.GetConstructor(Type.EmptyTypes) is not { } constructor || (constructor.Invoke(null) as IEnumerable)?.GetEnumerator().MoveNext() != true;
        }
        catch (TargetInvocationException)
        {
            // Who reads it is told what it threw.
            return true;
        }
    }

    private static bool IsCollection(Type type) => typeof(IEnumerable).IsAssignableFrom(type) && !type.IsArray && !type.IsDefined(typeof(MessagePackObjectAttribute)) && !type.IsDefined(typeof(MessagePackFormatterAttribute))
        && (typeof(IList).IsAssignableFrom(type) || typeof(IDictionary).IsAssignableFrom(type) || type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(ICollection<>)));

    /// <summary>The class and its bases, as far as they are not .NET's.</summary>
    private static IEnumerable<Type> Levels(Type type)
    {
        for (var own = type; own is not null && !Advice.IsOfDotnet(own); own = own.BaseType)
        {
            yield return own;
        }
    }

    private static string? SettableProperty(Type own, HashSet<string> parameters) =>
        own.GetProperties(DeclaredPublic).FirstOrDefault(one => one.GetIndexParameters().Length == 0 && one.Name is not (nameof(List<>.Capacity) or nameof(List<>.Count)) && !IsIgnored(one)
            && (one.SetMethod is { IsPublic: true } || (one.GetMethod is not null && parameters.Contains(one.Name))))?.Name
        ?? own.GetFields(DeclaredPublic).FirstOrDefault(one => !one.IsInitOnly && !IsIgnored(one))?.Name;

    /// <summary>Where .NET's own class has the elements, a field is something else. Who listens to an event is nobody's data.</summary>
    private static string? State(Type type, Type own)
    {
        if (Levels(type).Last().BaseType?.GetInterfaces().Contains(typeof(IEnumerable)) != true)
        {
            return null;
        }

        foreach (var field in own.GetFields(Shape.Declared).Where(one => !IsIgnored(one) && own.GetEvent(one.Name, Shape.Declared) is null && IsData(one.FieldType)))
        {
            var name = field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
            if (own.GetProperty(name, Shape.Declared) is not { } property || !IsIgnored(property))
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>A lock, a delegate, a stream: what this process works with, and no part of what it has.</summary>
    private static bool IsData(Type type) => type != typeof(object) && Advice.For(type) is null && !(Advice.IsNoValue(type) && !IsSequence(type));

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

    private static bool IsIgnored(MemberInfo member) => member.IsDefined(typeof(IgnoreMemberAttribute)) || member.IsDefined(typeof(System.Runtime.Serialization.IgnoreDataMemberAttribute)) || member.IsDefined(typeof(NonSerializedAttribute));
}
