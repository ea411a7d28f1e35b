using System.Buffers;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>Reads what is an integer on the wire (numbers, enums, ticks, days) also from a float that is exactly one. Writes as <paramref name="inner"/> does.</summary>
internal sealed class IntegerFormatter<T>(IMessagePackFormatter<T> inner) : IMessagePackFormatter<T>
{
    private const int IntegerBytesMax = 9;

    public void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options) => inner.Serialize(ref writer, value, options);

    public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => Integers.IsFloat(ref reader) ? FromFloat(ref reader, options) : inner.Deserialize(ref reader, options);

    private T FromFloat(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        var bytes = new ArrayBufferWriter<byte>(IntegerBytesMax);
        var integer = new MessagePackWriter(bytes);
        integer.Write(Integers.ReadExact(ref reader));
        integer.Flush();
        var again = new MessagePackReader(bytes.WrittenMemory);
        return inner.Deserialize(ref again, options);
    }
}

/// <summary>Arrays of integers, each of which may be a float that is exactly one.</summary>
internal sealed class IntegerArrayFormatter<T>(IMessagePackFormatter<T[]?> inner) : IMessagePackFormatter<T[]?>
    where T : unmanaged
{
    public void Serialize(ref MessagePackWriter writer, T[]? value, MessagePackSerializerOptions options) => inner.Serialize(ref writer, value, options);

    public T[]? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        var values = new T[reader.ReadArrayHeader()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Integers.Read<T>(ref reader);
        }

        return values;
    }
}

/// <summary>Text, with its scale. An integer is read as well: nothing of it is lost.</summary>
internal sealed class ExactDecimalFormatter : IMessagePackFormatter<decimal>
{
    private const int DigitsMax = 28;

    public void Serialize(ref MessagePackWriter writer, decimal value, MessagePackSerializerOptions options) => DecimalFormatter.Instance.Serialize(ref writer, value, options);

    public decimal Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.NextMessagePackType == MessagePackType.Integer)
        {
            return reader.NextCode == MessagePackCode.UInt64 ? reader.ReadUInt64() : reader.ReadInt64();
        }

        var text = reader.CreatePeekReader();
        var value = DecimalFormatter.Instance.Deserialize(ref reader, options);
        return IsExact(value, text.ReadString()!) ? value
            : throw new MessagePackSerializationException("the number that came has more digits than a decimal, and would be rounded.");
    }

    /// <summary>What has so few characters fits for certain.</summary>
    private static bool IsExact(decimal value, string text) => text.Length <= DigitsMax
        || text.TrimStart('-', '+').TrimStart('0') == value.ToString($"F{(text.Contains('.', StringComparison.Ordinal) ? text.Length - 1 - text.IndexOf('.', StringComparison.Ordinal) : 0)}", System.Globalization.CultureInfo.InvariantCulture).TrimStart('-').TrimStart('0');
}

/// <summary>[timestamp, minutes]. A timestamp alone is read as well: it is the instant, and in UTC.</summary>
internal sealed class InstantFormatter : IMessagePackFormatter<DateTimeOffset>
{
    public void Serialize(ref MessagePackWriter writer, DateTimeOffset value, MessagePackSerializerOptions options) => DateTimeOffsetFormatter.Instance.Serialize(ref writer, value, options);

    public DateTimeOffset Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
        reader.NextMessagePackType == MessagePackType.Extension ? new DateTimeOffset(reader.ReadDateTime(), TimeSpan.Zero) : DateTimeOffsetFormatter.Instance.Deserialize(ref reader, options);
}
