using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>What types are on the wire, in words.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal static class WireForm
{
    private static readonly Dictionary<Type, string> Values = new()
    {
        [typeof(object)] = "object (anything but extensions)",
        [typeof(decimal)] = "decimal (text)",
        [typeof(Guid)] = "Guid (text)",
        [typeof(Uri)] = "Uri (text)",
        [typeof(Version)] = "Version (text)",
        [typeof(System.Text.StringBuilder)] = "StringBuilder (text)",
        [typeof(DateTime)] = "DateTime (timestamp, years 1 to 9999)",
        [typeof(DateTimeOffset)] = "DateTimeOffset ([timestamp, minutes])",
        [typeof(TimeSpan)] = "TimeSpan (integer, units of 100 ns)",
        [typeof(TimeOnly)] = "TimeOnly (integer, units of 100 ns, less than a day)",
        [typeof(DateOnly)] = "DateOnly (integer, days, 0 to 3652058)",
        [typeof(Half)] = "Half (float)",
        [typeof(Complex)] = "Complex ([real, imaginary])",
        [typeof(Int128)] = "Int128 (map of Lower and Upper)",
        [typeof(UInt128)] = "UInt128 (map of Lower and Upper)",
        [typeof(Nil)] = "Nil (nil)",
        [typeof(byte[])] = "byte[] (bytes)",
        [typeof(Memory<byte>)] = "Memory<byte> (bytes)",
        [typeof(ReadOnlyMemory<byte>)] = "ReadOnlyMemory<byte> (bytes)",
        [typeof(ReadOnlySequence<byte>)] = "ReadOnlySequence<byte> (bytes)",
        [typeof(ArraySegment<byte>)] = "ArraySegment<byte> (bytes)",
        [typeof(BigInteger)] = "BigInteger (bytes)",
        [typeof(char)] = "char (integer)",
    };

    private static readonly Dictionary<Type, (decimal Least, decimal Most)> Ranges = new()
    {
        [typeof(sbyte)] = (sbyte.MinValue, sbyte.MaxValue),
        [typeof(byte)] = (byte.MinValue, byte.MaxValue),
        [typeof(short)] = (short.MinValue, short.MaxValue),
        [typeof(ushort)] = (ushort.MinValue, ushort.MaxValue),
        [typeof(char)] = (char.MinValue, char.MaxValue),
        [typeof(int)] = (int.MinValue, int.MaxValue),
        [typeof(uint)] = (uint.MinValue, uint.MaxValue),
        [typeof(long)] = (long.MinValue, long.MaxValue),
        [typeof(ulong)] = (ulong.MinValue, ulong.MaxValue),
    };

    private static readonly Type[] RunsOfElements = [typeof(Memory<>), typeof(ReadOnlyMemory<>), typeof(ReadOnlySequence<>)];

    /// <summary>An array on the wire whose elements are parts of one value.</summary>
    public static bool IsOneValue(Type? type) => type is not null && Values.ContainsKey(type) && type != typeof(object);

    public static string Of(Type? type)
    {
        if (type is null)
        {
            return "something else";
        }

        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (Values.TryGetValue(value, out var form))
        {
            return form;
        }

        if (value.IsGenericType && value.GetGenericTypeDefinition() == typeof(Lazy<>))
        {
            return Of(value.GenericTypeArguments[0]);
        }

        return value.IsPrimitive || value == typeof(string) ? Words.Of(value) : $"{Words.Of(value)} ({KindOf(value)})";
    }

    /// <summary>What an integer of this type can be; null for other types, and for numbers that it can be.</summary>
    public static string? OutOfRange(Type? type, decimal number)
    {
        var value = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
        return value is not null && Ranges.TryGetValue(value.IsEnum ? Enum.GetUnderlyingType(value) : value, out var range) && (number < range.Least || number > range.Most)
            ? $"{number} does not fit into {Words.Of(value)} ({range.Least} to {range.Most})." : null;
    }

    private static string KindOf(Type type) =>
        type.IsEnum ? "integer"
        : type.IsArray ? "array"
        : ItemContainer.IsPairOrTuple(type) ? $"array of {type.GenericTypeArguments.Length}"
        : type.IsDefined(typeof(UnionAttribute), inherit: false) || IsOf(type, typeof(IpcQueue<>)) ? "array of 2"
        : OwnCollection.IsSequence(type) ? ItemShape.IsDictionary(type) ? "map" : "array"
        : RunsOfElements.Any(run => IsOf(type, run)) || ItemContainer.ShapeOf(type)?.IsArray == true ? "array" : "map";

    private static bool IsOf(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic;
}
