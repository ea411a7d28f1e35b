using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>
/// MessagePack's rules for data from others, with comparers for more types of keys. A comparer must not let somebody choose keys that all collide: a million of
/// those would keep a reader busy for hours. MessagePack has such comparers for numbers, texts and some more; here is one for every type that is made of these.
/// </summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class KeySecurity : MessagePackSecurity
{
    private static readonly MethodInfo FieldHash = typeof(KeySecurity).GetMethod(nameof(MakeFieldHash), BindingFlags.NonPublic | BindingFlags.Instance)!;
    private static readonly MethodInfo Find = typeof(KeySecurity).GetMethod(nameof(TryFind), BindingFlags.NonPublic | BindingFlags.Instance)!;

    [ThreadStatic]
    private static HashSet<Type>? _looking;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<Type, object?> _comparers = new();

    private KeySecurity(MessagePackSecurity copyFrom)
        : base(copyFrom)
    {
    }

    public static KeySecurity Instance { get; } = new(UntrustedData);

    /// <summary>Why nobody could read keys of this type; null when they can be read.</summary>
    public string? Problem(Type key) => Comparer(key) is null
        ? $"for keys of type {Words.Of(key)} there is no comparer that is safe with data from others: they are no values (arrays and classes are equal to themselves alone, and would not be found again), have an Equals of their own, or have parts that are not sent or are of type object. Send a list of key-value pairs, or keys that are texts, numbers, tuples or records of these."
        : null;

    protected override MessagePackSecurity Clone() => new KeySecurity(this);

    protected override IEqualityComparer<T> GetHashCollisionResistantEqualityComparer<T>() =>
        (IEqualityComparer<T>?)Comparer(typeof(T)) ?? throw new MessagePackSerializationException(Problem(typeof(T)));

    /// <summary>Null as well for what is made of itself, however far down.</summary>
    private object? Comparer(Type type)
    {
        if (_comparers.TryGetValue(type, out var known))
        {
            return known;
        }

        _looking ??= [];
        if (!_looking.Add(type))
        {
            return null;
        }

        try
        {
            return _comparers[type] = Find.MakeGenericMethod(type).Invoke(this, null);
        }
        finally
        {
            _looking.Remove(type);
        }
    }

    private IEqualityComparer<T>? TryFind<T>()
    {
        if (HashesResistByThemselves(typeof(T)))
        {
            return EqualityComparer<T>.Default;
        }

        try
        {
            return base.GetHashCollisionResistantEqualityComparer<T>();
        }
        catch (TypeAccessException)
        {
            return FromParts<T>();
        }
    }

    /// <summary>The hashes of texts are made with a secret of the process.</summary>
    private static bool HashesResistByThemselves(Type type) => type == typeof(string) || type == typeof(Uri);

    private static MethodInfo HashMethod(Type type) => type.GetMethod(nameof(GetHashCode), BindingFlags.Public | BindingFlags.Instance, Type.EmptyTypes)!;

    /// <summary>What is equal when all its fields are: tuples, records, structs without an Equals of their own, and values of .NET.</summary>
    private static bool IsEqualByFields(Type type)
    {
        var hash = HashMethod(type);
        return hash.DeclaringType == typeof(ValueType)
            || hash.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute))
            || (type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute)) && type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal))
            || (type.IsGenericType && (type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || type.FullName.StartsWith("System.Tuple`", StringComparison.Ordinal)))
            || type == typeof(TimeSpan) || type == typeof(DateOnly) || type == typeof(TimeOnly) || type == typeof(Int128) || type == typeof(UInt128)
            || type == typeof(System.Text.Rune) || type == typeof(Version) || type == typeof(System.Numerics.Complex);
    }

    /// <summary>What is equal by more than what travels would not be found again: two keys might arrive as one.</summary>
    private static bool IsSentWhole(Type type)
    {
        if (type.FullName!.StartsWith("System.", StringComparison.Ordinal))
        {
            return true;
        }

        try
        {
            var sent = Shape.Of(type).Members.Where(member => member.IsWritten && member.IsRead).SelectMany(member => (string[])[member.Info.Name, $"<{member.Info.Name}>k__BackingField", $"<{member.Info.Name}>i__Field", $"{member.Info.Name}@"]).ToHashSet();
            for (var own = type; own is not null && own != typeof(object) && own != typeof(ValueType); own = own.BaseType)
            {
                if (own.GetFields(Shape.Declared).Any(field => !sent.Contains(field.Name)))
                {
                    return false;
                }
            }

            return true;
        }
        catch (MessagePackSerializationException)
        {
            // It cannot be sent at all, and says why itself.
            return true;
        }
    }

    private PartsComparer<T>? FromParts<T>()
    {
        if (typeof(T) == typeof(decimal))
        {
            // Equal ones may have other digits: 1.0 and 1.00. Divided by this they do not.
            return new PartsComparer<T>([value => TextHash(((decimal)(object)value! / 1.0000000000000000000000000000m).ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        }

        if (typeof(T) == typeof(Half) || typeof(T) == typeof(System.Numerics.BigInteger))
        {
            return new PartsComparer<T>([value => TextHash(value!.Equals(default(T)) ? "0" : ((IFormattable)value).ToString("R", System.Globalization.CultureInfo.InvariantCulture))]);
        }

        if (typeof(T).IsInterface || (Nullable.GetUnderlyingType(typeof(T)) is null && !(IsEqualByFields(typeof(T)) && IsSentWhole(typeof(T)))))
        {
            return null;
        }

        var parts = new List<Func<T, int>>();
        for (var type = typeof(T); type is not null && type != typeof(object) && type != typeof(ValueType); type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (FieldHash.MakeGenericMethod(typeof(T), field.FieldType).Invoke(this, [field]) is not Func<T, int> part)
                {
                    return null;
                }

                parts.Add(part);
            }
        }

        return new PartsComparer<T>([.. parts]);
    }

    private Func<T, int>? MakeFieldHash<T, TField>(FieldInfo field)
    {
        // What is an object may arrive as another one, and is not looked at when it is put.
        if (typeof(TField) == typeof(object) || Comparer(typeof(TField)) is not IEqualityComparer<TField> comparer)
        {
            return null;
        }

        var value = System.Linq.Expressions.Expression.Parameter(typeof(T));
        var get = System.Linq.Expressions.Expression.Lambda<Func<T, TField>>(System.Linq.Expressions.Expression.Field(value, field), value).Compile();
        return owner => get(owner) is { } part ? comparer.GetHashCode(part) : 0;
    }

    private static int TextHash(string text) => text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Equal as the type says, and with a hash that is made of the parts' hashes: with a secret, so that nobody can choose what collides.</summary>
    private sealed class PartsComparer<T>(Func<T, int>[] parts) : IEqualityComparer<T>, System.Collections.IEqualityComparer
    {
        private static readonly long Secret = BitConverter.ToInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(sizeof(long)));

        public bool Equals(T? one, T? other) => EqualityComparer<T>.Default.Equals(one, other);

        /// <summary>For keys of type object, whose comparer asks those of what they are.</summary>
        bool System.Collections.IEqualityComparer.Equals(object? one, object? other) => Equals(one, other);

        int System.Collections.IEqualityComparer.GetHashCode(object value) => GetHashCode((T)value);

        public int GetHashCode([DisallowNull] T value)
        {
            var hash = new HashCode();
            hash.Add(Secret);
            foreach (var part in parts)
            {
                hash.Add(part(value));
            }

            return hash.ToHashCode();
        }
    }
}
