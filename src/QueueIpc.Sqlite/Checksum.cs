using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace QueueIpc.Sqlite;

/// <summary>CRC-32C of a row's values: a disk that turned a bit must not make another item of it. One instruction for eight bytes on most processors.</summary>
internal static class Checksum
{
    public static long Of(ReadOnlySpan<byte> bytes, string? text, params ReadOnlySpan<long> values) =>
        text is null ? Of(bytes, values) : Of(bytes, [.. values, Of(Encoding.UTF8.GetBytes(text))]);

    public static long Of(ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> values)
    {
        var crc = uint.MaxValue;
        foreach (var value in values)
        {
            crc = BitOperations.Crc32C(crc, (ulong)value);
        }

        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
