using System.Runtime.CompilerServices;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>
/// Reads integers, also from floats that are exactly integers: several libraries for JavaScript write large integers so. Beyond 2^53 a float stands for several integers: it is refused.
/// </summary>
internal static class Integers
{
    private const double ExactMax = 1L << 53;

    public static sbyte ReadSByte(ref MessagePackReader reader) => IsFloat(ref reader) ? checked((sbyte)ReadExact(ref reader)) : reader.ReadSByte();

    public static byte ReadByte(ref MessagePackReader reader) => IsFloat(ref reader) ? checked((byte)ReadExact(ref reader)) : reader.ReadByte();

    public static short ReadInt16(ref MessagePackReader reader) => IsFloat(ref reader) ? checked((short)ReadExact(ref reader)) : reader.ReadInt16();

    public static ushort ReadUInt16(ref MessagePackReader reader) => IsFloat(ref reader) ? checked((ushort)ReadExact(ref reader)) : reader.ReadUInt16();

    public static int ReadInt32(ref MessagePackReader reader) => IsFloat(ref reader) ? checked((int)ReadExact(ref reader)) : reader.ReadInt32();

    public static uint ReadUInt32(ref MessagePackReader reader) => IsFloat(ref reader) ? checked((uint)ReadExact(ref reader)) : reader.ReadUInt32();

    public static long ReadInt64(ref MessagePackReader reader) => IsFloat(ref reader) ? ReadExact(ref reader) : reader.ReadInt64();

    public static ulong ReadUInt64(ref MessagePackReader reader) => IsFloat(ref reader) ? checked((ulong)ReadExact(ref reader)) : reader.ReadUInt64();

    /// <summary>The compiler makes one of these reads of it for each type.</summary>
    public static T Read<T>(ref MessagePackReader reader)
        where T : unmanaged =>
        typeof(T) == typeof(int) ? Unsafe.BitCast<int, T>(ReadInt32(ref reader))
        : typeof(T) == typeof(long) ? Unsafe.BitCast<long, T>(ReadInt64(ref reader))
        : typeof(T) == typeof(short) ? Unsafe.BitCast<short, T>(ReadInt16(ref reader))
        : typeof(T) == typeof(sbyte) ? Unsafe.BitCast<sbyte, T>(ReadSByte(ref reader))
        : typeof(T) == typeof(ushort) ? Unsafe.BitCast<ushort, T>(ReadUInt16(ref reader))
        : typeof(T) == typeof(uint) ? Unsafe.BitCast<uint, T>(ReadUInt32(ref reader))
        : typeof(T) == typeof(ulong) ? Unsafe.BitCast<ulong, T>(ReadUInt64(ref reader))
        : throw new NotSupportedException($"{typeof(T)} is no integer that arrays are made of.");

    public static bool IsFloat(ref MessagePackReader reader) => reader.NextCode is MessagePackCode.Float32 or MessagePackCode.Float64;

    public static long ReadExact(ref MessagePackReader reader)
    {
        var value = reader.ReadDouble();
        return value == Math.Floor(value) && Math.Abs(value) <= ExactMax ? (long)value
            : throw new MessagePackSerializationException($"{value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)} is no integer, or too large for a float to be exact.");
    }
}
