using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.ImmutableCollection;
using MessagePack.Resolvers;

namespace QueueIpc.Serialization;

/// <summary>
/// Which formatter an item's type has: MessagePack's own for values and collections, and this library's for objects, unions, and what MessagePack would read too strictly or
/// in another order. What could not arrive as it was has one that refuses to write.
/// </summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class ItemResolver : IFormatterResolver
{
    /// <summary>Values of .NET whose parts are private: MessagePack writes these, and has always done so.</summary>
    private static readonly HashSet<Type> OpaqueValues = [typeof(Int128), typeof(UInt128), typeof(System.Text.Rune), typeof(Index)];

    private static readonly IFormatterResolver[] Collections = [ImmutableCollectionResolver.Instance, CompositeResolver.Create(ExpandoObjectFormatter.Instance), DynamicGenericResolver.Instance];

    private ItemResolver()
    {
    }

    public static ItemResolver Instance { get; } = new();

    public IMessagePackFormatter<T>? GetFormatter<T>() => Cache<T>.Formatter ??= Make<T>();

    private static IMessagePackFormatter<T> Make<T>()
    {
        if (ItemShape.Problem(typeof(T)) is { } problem)
        {
            return new RefusingFormatter<T>(problem)!;
        }

        if (typeof(T) == typeof(object))
        {
            return Guarded((IMessagePackFormatter<T>)(object)new AnythingFormatter());
        }

        if (BuiltinResolver.Instance.GetFormatter<T>() is { } builtin && typeof(T) != typeof(object[]) && typeof(T) != typeof(List<object>))
        {
            return (IMessagePackFormatter<T>?)Lenient(typeof(T), builtin) ?? builtin;
        }

        var formatter = Guarded(WithKeys(WithComparer(Compound<T>())));
        return ItemShape.ProblemOfPut(typeof(T)) is { } lost ? new SplitFormatter<T>(new RefusingFormatter<T>(lost), formatter!)!
            : OwnCollection.AddsByItself(typeof(T)) ? new ProvenFormatter<T>(formatter!)!
            : formatter;
    }

    private static IMessagePackFormatter<T> Guarded<T>(IMessagePackFormatter<T> formatter) => typeof(T).IsValueType ? formatter : new DepthGuardFormatter<T>(formatter);

    private static IMessagePackFormatter<T> WithKeys<T>(IMessagePackFormatter<T> formatter) =>
        !typeof(T).IsDefined(typeof(MessagePackFormatterAttribute), inherit: false) && KeysOf.In(typeof(T)) is { } keys ? new CheckedKeysFormatter<T>(keys, formatter!)! : formatter;

    /// <summary>Who reads it compares the keys as usual: by then they must still be as many.</summary>
    private static IMessagePackFormatter<T> WithComparer<T>(IMessagePackFormatter<T> formatter)
    {
        if (ItemShape.KeyOf(typeof(T)) is not { } key || typeof(T).IsInterface)
        {
            return formatter;
        }

        var (equality, order) = (typeof(IEqualityComparer<>).MakeGenericType(key), typeof(IComparer<>).MakeGenericType(key));
        return typeof(T).GetProperties().FirstOrDefault(one => one.PropertyType == equality || one.PropertyType == order) is { } comparer
            ? (IMessagePackFormatter<T>)Activator.CreateInstance(typeof(ComparedKeysFormatter<,>).MakeGenericType(typeof(T), key), comparer, formatter)!
            : formatter;
    }

    private static IMessagePackFormatter<T> Compound<T>()
    {
        if ((QueueHandleResolver.Instance.GetFormatter<T>() ?? AttributeFormatterResolver.Instance.GetFormatter<T>()) is { } own)
        {
            return own;
        }

        if (typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(ConcurrentBag<>))
        {
            return Create<T>(typeof(BagFormatter<>), typeof(T).GenericTypeArguments);
        }

        foreach (var collections in Collections)
        {
            if (Find<T>(collections) is { } found)
            {
                return (IMessagePackFormatter<T>?)Lenient(typeof(T), found) ?? Typed(found);
            }
        }

        return typeof(T).IsDefined(typeof(UnionAttribute), inherit: false) ? new UnionFormatter<T>()!
            : OpaqueValues.Contains(typeof(T)) ? ContractlessStandardResolverAllowPrivate.Instance.GetFormatter<T>()!
            : new ShapeFormatter<T>(Shape.Of(typeof(T)))!;
    }

    private static IMessagePackFormatter<T>? Find<T>(IFormatterResolver collections)
    {
        try
        {
            return collections.GetFormatter<T>();
        }
        catch (Exception e) when (e.GetBaseException() is TypeLoadException)
        {
            // MessagePack asks for new T() by a constraint, and says so in words about its own classes.
            throw Shape.Refused(typeof(T), "it has no public constructor without parameters, by which another process could make it again. Give it one, or send an array of what it holds");
        }
    }

    /// <summary>One that reads more than MessagePack's, and nothing that is not exact.</summary>
    private static object? Lenient(Type type, object formatter)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(decimal))
        {
            return new ExactDecimalFormatter();
        }

        if (type == typeof(DateTimeOffset))
        {
            return new InstantFormatter();
        }

        if (BytesFormatter.Is(value))
        {
            return Activator.CreateInstance(typeof(BytesFormatter<>).MakeGenericType(type), formatter);
        }

        if (type == typeof(decimal?) || type == typeof(DateTimeOffset?))
        {
            return Activator.CreateInstance(typeof(NullableFormatter<>).MakeGenericType(value));
        }

        if (IsInteger(value))
        {
            return Activator.CreateInstance(typeof(IntegerFormatter<>).MakeGenericType(type), formatter);
        }

        return type.IsSZArray && type.GetElementType() is { IsPrimitive: true } element && element != typeof(byte) && element != typeof(char) && IsInteger(element)
            ? Activator.CreateInstance(typeof(IntegerArrayFormatter<>).MakeGenericType(element), formatter)
            : null;
    }

    private static bool IsInteger(Type type) => type.IsEnum || type == typeof(TimeSpan) || type == typeof(DateOnly) || type == typeof(TimeOnly)
        || (type.IsPrimitive && type != typeof(bool) && type != typeof(float) && type != typeof(double) && type != typeof(nint) && type != typeof(nuint));

    /// <summary>MessagePack reads a class that is derived from a list of numbers as one of objects: only what its own kind wrote fits then.</summary>
    private static IMessagePackFormatter<T> Typed<T>(IMessagePackFormatter<T> formatter)
    {
        var kind = formatter.GetType().IsGenericType ? formatter.GetType().GetGenericTypeDefinition() : null;
        if (kind == typeof(NonGenericListFormatter<>) && ItemShape.ArgumentsOf(typeof(T), typeof(ICollection<>)) is [var element])
        {
            return new SplitFormatter<T>(formatter!, Create<T>(typeof(GenericCollectionFormatter<,>), element, typeof(T))!)!;
        }

        if (kind == typeof(NonGenericDictionaryFormatter<>) && ItemShape.ArgumentsOf(typeof(T), typeof(IDictionary<,>)) is [var key, var value])
        {
            return new SplitFormatter<T>(formatter!, Create<T>(typeof(GenericDictionaryFormatter<,,>), key, value, typeof(T))!)!;
        }

        return formatter;
    }

    private static IMessagePackFormatter<T> Create<T>(Type formatter, params Type[] of) => (IMessagePackFormatter<T>)Activator.CreateInstance(formatter.MakeGenericType(of))!;

    private static class Cache<T>
    {
        public static IMessagePackFormatter<T>? Formatter;
    }
}
