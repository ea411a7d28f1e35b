using System.Buffers;
using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using CsCheck;
using MessagePack;
using QueueIpc.Serialization;

namespace QueueIpc.Tests.Items;

/// <summary>Types that nobody thought of, made of each other: each arrives equal, also written in the shortest form, or is refused by Put because of its keys.</summary>
public sealed class GeneratedTypeTests
{
    private const int Types = 5_000;
    private const int DepthMax = 3;

    private static readonly Type[] Leaves =
    [
        typeof(int), typeof(long), typeof(byte), typeof(double), typeof(bool), typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateOnly), typeof(TimeSpan), typeof(DayOfWeek), typeof(byte[]),
        typeof(int?), typeof(char), typeof(DateTimeOffset), typeof(Uri),
    ];

    private static readonly Func<Type, Type, Type>[] Compounds =
    [
        (a, _) => a.MakeArrayType(), (a, _) => typeof(List<>).MakeGenericType(a), (a, b) => typeof(Dictionary<,>).MakeGenericType(Key(b), a), (a, _) => typeof(HashSet<>).MakeGenericType(Key(a)),
        (a, b) => typeof(ValueTuple<,>).MakeGenericType(a, b), (a, b) => typeof(Tuple<,>).MakeGenericType(a, b), (a, b) => typeof(KeyValuePair<,>).MakeGenericType(a, b), (a, _) => typeof(ImmutableList<>).MakeGenericType(a),
        (a, b) => typeof(Two<,>).MakeGenericType(a, b), (a, b) => typeof(Pair<,>).MakeGenericType(a, b), (a, b) => typeof(Settable<,>).MakeGenericType(a, b), (a, b) => typeof(Numbered<,>).MakeGenericType(a, b),
        (a, _) => a.IsValueType && Nullable.GetUnderlyingType(a) is null ? typeof(Nullable<>).MakeGenericType(a) : typeof(Inside<>).MakeGenericType(a),
    ];

    private static readonly Gen<Type> AnyType = Gen.Recursive<Type>((depth, part) => depth >= DepthMax
        ? Gen.Int[0, Leaves.Length - 1].Select(at => Leaves[at])
        : Gen.Select(Gen.Int[0, Compounds.Length - 1], part, part, (at, a, b) => Compounds[at](a, b)));

    [Fact]
    public void Trip_AnyType_ArrivesEqualOrIsRefusedForItsKeys() =>
        Gen.Select(AnyType, Gen.Int).Sample((type, seed) => (bool)GetType().GetMethod(nameof(IsKept), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [new Random(seed)])!, iter: Types, print: one => $"{one.Item1} {one.Item2}");

    /// <summary>Most may be keys; some, which hold what may not, are refused.</summary>
    private static Type Key(Type type) => type != typeof(byte[]) && (Leaves.Contains(type) || (type.IsGenericType && type.GetGenericTypeDefinition() is var kind && (kind == typeof(ValueTuple<,>) || kind == typeof(Two<,>) || kind == typeof(Pair<,>)))) ? type : typeof(string);

    private static bool IsKept<T>(Random random)
    {
        var item = (T)Value(typeof(T), random)!;
        if (item is null)
        {
            return true;
        }

        var bytes = new ArrayBufferWriter<byte>();
        try
        {
            MessagePackItemSerializer.Instance.Serialize(bytes, item);
        }
        catch (MessagePackSerializationException e)
        {
            return e.Message.Contains("there is no comparer", StringComparison.Ordinal);
        }

        return Equality.Of(item, MessagePackItemSerializer.Instance.Deserialize<T>(bytes.WrittenMemory))
            && Equality.Of(item, MessagePackItemSerializer.Instance.Deserialize<T>(OtherWriter.Shortest(bytes.WrittenSpan.ToArray())))
            && Equality.Of(item, MessagePackItemSerializer.Instance.Deserialize<T>(OtherWriter.AsJavaScript(bytes.WrittenSpan.ToArray())));
    }

    private static object? Value(Type type, Random random)
    {
        if ((Nullable.GetUnderlyingType(type) is not null || !type.IsValueType) && random.Next(5) == 0)
        {
            return null;
        }

        var kind = Nullable.GetUnderlyingType(type) ?? type;
        return Leaf(kind, random) ?? Compound(kind, random);
    }

    private static object? Leaf(Type type, Random random) =>
        type == typeof(int) ? random.Next(-100_000, 100_000)
        : type == typeof(long) ? random.NextInt64()
        : type == typeof(byte) ? (byte)random.Next(256)
        : type == typeof(double) ? (random.Next(3) == 0 ? random.Next(100) : random.NextDouble() * 1e9)
        : type == typeof(bool) ? random.Next(2) == 0
        : type == typeof(string) ? new string((char)random.Next('a', 'z'), random.Next(40))
        : type == typeof(decimal) ? new decimal(random.Next(), random.Next(), random.Next(), random.Next(2) == 0, (byte)random.Next(20))
        : type == typeof(Guid) ? new Guid(Bytes(random, 16))
        : type == typeof(DateTime) ? new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc)
        : type == typeof(DateOnly) ? DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber))
        : type == typeof(TimeSpan) ? TimeSpan.FromTicks(random.NextInt64(1L << random.Next(1, 62)))
        : type == typeof(DayOfWeek) ? (DayOfWeek)random.Next(7)
        : type == typeof(byte[]) ? Bytes(random, random.Next(20))
        : type == typeof(char) ? (char)random.Next('a', 'z')
        : type == typeof(DateTimeOffset) ? new DateTimeOffset(random.NextInt64(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay), TimeSpan.FromMinutes(random.Next(-800, 800)))
        : type == typeof(Uri) ? new Uri($"http://a/{random.Next(1000)}")
        : null;

    private static object? Compound(Type type, Random random)
    {
        if (type.IsArray)
        {
            return List(type.GetElementType()!, random);
        }

        var parts = type.GenericTypeArguments;
        if (type.GetGenericTypeDefinition() == typeof(ImmutableList<>))
        {
            var values = List(parts[0], random);
            return typeof(ImmutableList).GetMethods().Single(one => one.Name == nameof(ImmutableList.CreateRange) && one.GetParameters().Length == 1).MakeGenericMethod(parts).Invoke(null, [values]);
        }

        if (typeof(IEnumerable).IsAssignableFrom(type))
        {
            dynamic many = Activator.CreateInstance(type)!;
            for (var left = random.Next(4); left > 0; left--)
            {
                if (many is IDictionary map && Value(parts[0], random) is { } key)
                {
                    map[key] = Value(parts[1], random);
                }
                else if (many is not IDictionary)
                {
                    type.GetMethod("Add")!.Invoke(many, (object?[])[Value(parts[0], random)]);
                }
            }

            return many;
        }

        if (type.GetConstructor(parts) is { } constructor)
        {
            return constructor.Invoke([.. parts.Select(part => Value(part, random))]);
        }

        var made = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            property.SetValue(made, Value(property.PropertyType, random));
        }

        return made;
    }

    private static Array List(Type element, Random random)
    {
        var items = Array.CreateInstance(element, random.Next(4));
        for (var at = 0; at < items.Length; at++)
        {
            items.SetValue(Value(element, random), at);
        }

        return items;
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    public sealed record Two<TA, TB>(TA First, TB Second);

    public readonly record struct Pair<TA, TB>(TA First, TB Second);

    public sealed class Settable<TA, TB>
    {
        public TA? First { get; set; }

        public TB? Second { get; init; }
    }

    [MessagePackObject]
    public sealed class Numbered<TA, TB>
    {
        [Key(0)]
        public TA? First { get; set; }

        [Key(2)]
        public TB? Second { get; set; }
    }

    internal sealed class Inside<T>
    {
        public T? Value { get; private set; }

        public static Inside<T> Of(T value) => new() { Value = value };
    }
}
