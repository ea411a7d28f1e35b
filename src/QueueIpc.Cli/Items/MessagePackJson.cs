using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using MessagePack;

namespace QueueIpc.Cli.Items;

/// <summary>MessagePack as JSON, and JSON as MessagePack.</summary>
internal static class MessagePackJson
{
    /// <summary>As deep as System.Text.Json reads by itself. What is deeper is shown as bytes.</summary>
    private const int DepthMax = 64;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>False, and nothing written, when the bytes are not one MessagePack value and nothing else.</summary>
    public static bool TryWrite(ReadOnlyMemory<byte> item, IBufferWriter<byte> to)
    {
        // Text in bytes begins like a small number and goes on: most of what is not MessagePack is known by that alone.
        if (item.IsEmpty || (item.Length > 1 && item.Span[0] < 0x80))
        {
            return false;
        }

        var json = new ArrayBufferWriter<byte>(item.Length + 16);
        using var writer = new Utf8JsonWriter(json, Readable);
        try
        {
            var reader = new MessagePackReader(item);
            WriteValue(ref reader, writer, 0);
            if (!reader.End)
            {
                return false;
            }
        }
        catch (Exception e) when (e is EndOfStreamException or MessagePackSerializationException or InvalidOperationException or OverflowException)
        {
            return false;
        }

        writer.Flush();
        to.Write(json.WrittenSpan);
        return true;
    }

    /// <summary>The item that this JSON is; null for null.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static byte[]? Pack(ReadOnlySpan<byte> json)
    {
        using var document = JsonDocument.Parse(json.ToArray());
        if (document.RootElement.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        var item = new ArrayBufferWriter<byte>(json.Length + 16);
        var writer = new MessagePackWriter(item);
        PackValue(document.RootElement, ref writer);
        writer.Flush();
        return item.WrittenSpan.ToArray();
    }

    private static void WriteValue(ref MessagePackReader reader, Utf8JsonWriter to, int depth)
    {
        if (depth > DepthMax)
        {
            throw new InvalidOperationException("It nests too deep.");
        }

        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                to.WriteNullValue();
                break;
            case MessagePackType.Boolean:
                to.WriteBooleanValue(reader.ReadBoolean());
                break;
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64:
                to.WriteNumberValue(reader.ReadUInt64());
                break;
            case MessagePackType.Integer:
                to.WriteNumberValue(reader.ReadInt64());
                break;
            case MessagePackType.Float when reader.NextCode == MessagePackCode.Float32:
                WriteFloat(reader.ReadSingle(), to);
                break;
            case MessagePackType.Float:
                WriteFloat(reader.ReadDouble(), to);
                break;
            case MessagePackType.String:
                to.WriteStringValue(ReadText(ref reader));
                break;
            case MessagePackType.Binary:
                to.WriteBase64StringValue(reader.ReadBytes()?.ToArray() ?? []);
                break;
            case MessagePackType.Array:
                WriteArray(ref reader, to, depth);
                break;
            case MessagePackType.Map:
                WriteMap(ref reader, to, depth);
                break;
            case MessagePackType.Extension:
                WriteExtension(ref reader, to);
                break;
            default:
                throw new InvalidOperationException("There is no such type.");
        }
    }

    private static void WriteArray(ref MessagePackReader reader, Utf8JsonWriter to, int depth)
    {
        to.WriteStartArray();
        for (var count = reader.ReadArrayHeader(); count > 0; count--)
        {
            WriteValue(ref reader, to, depth + 1);
        }

        to.WriteEndArray();
    }

    private static void WriteMap(ref MessagePackReader reader, Utf8JsonWriter to, int depth)
    {
        to.WriteStartObject();
        for (var count = reader.ReadMapHeader(); count > 0; count--)
        {
            to.WritePropertyName(ReadKey(ref reader, depth));
            WriteValue(ref reader, to, depth + 1);
        }

        to.WriteEndObject();
    }

    /// <summary>JSON's keys are strings; any other key becomes the text of its JSON.</summary>
    private static byte[] ReadKey(ref MessagePackReader reader, int depth)
    {
        if (reader.NextMessagePackType == MessagePackType.String)
        {
            return ReadText(ref reader);
        }

        var key = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(key, Readable);
        WriteValue(ref reader, writer, depth + 1);
        writer.Flush();
        return key.WrittenSpan.ToArray();
    }

    private static byte[] ReadText(ref MessagePackReader reader)
    {
        var text = reader.ReadStringSequence()!.Value.ToArray();
        return Utf8.IsValid(text) ? text : throw new InvalidOperationException("A string that is not UTF-8.");
    }

    private static void WriteFloat(double value, Utf8JsonWriter to)
    {
        if (double.IsFinite(value))
        {
            to.WriteNumberValue(value);
        }
        else
        {
            to.WriteStringValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static void WriteFloat(float value, Utf8JsonWriter to)
    {
        if (float.IsFinite(value))
        {
            to.WriteNumberValue(value);
        }
        else
        {
            WriteFloat((double)value, to);
        }
    }

    private static void WriteExtension(ref MessagePackReader reader, Utf8JsonWriter to)
    {
        var ahead = reader.CreatePeekReader();
        if (ahead.ReadExtensionFormatHeader().TypeCode == ReservedMessagePackExtensionTypeCode.DateTime)
        {
            to.WriteStringValue(reader.ReadDateTime());
            return;
        }

        var extension = reader.ReadExtensionFormat();
        to.WriteStartObject();
        to.WriteNumber("extension", extension.TypeCode);
        to.WriteBase64String("data", extension.Data.ToArray());
        to.WriteEndObject();
    }

    private static void PackValue(JsonElement value, ref MessagePackWriter to)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                to.WriteMapHeader(value.GetPropertyCount());
                foreach (var property in value.EnumerateObject())
                {
                    to.Write(property.Name);
                    PackValue(property.Value, ref to);
                }

                break;
            case JsonValueKind.Array:
                to.WriteArrayHeader(value.GetArrayLength());
                foreach (var element in value.EnumerateArray())
                {
                    PackValue(element, ref to);
                }

                break;
            case JsonValueKind.String:
                to.Write(value.GetString());
                break;
            case JsonValueKind.Number when value.TryGetInt64(out var number):
                to.Write(number);
                break;
            case JsonValueKind.Number when value.TryGetUInt64(out var number):
                to.Write(number);
                break;
            case JsonValueKind.Number:
                to.Write(value.GetDouble());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                to.Write(value.GetBoolean());
                break;
            default:
                to.WriteNil();
                break;
        }
    }
}
