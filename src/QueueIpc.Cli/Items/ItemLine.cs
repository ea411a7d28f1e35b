using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace QueueIpc.Cli.Items;

/// <summary>How an item is printed: as text, as it is, or as an object of JSON.</summary>
internal enum ItemForm
{
    Text,
    Raw,
    Json,
}

/// <summary>Writes items, one to a line.</summary>
internal static class ItemLine
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(byte[]? item, int? failures, ItemForm form, IBufferWriter<byte> to)
    {
        switch (form)
        {
            case ItemForm.Text:
                ItemText.Write(item, to);
                break;
            case ItemForm.Raw:
                to.Write(item);
                break;
            default:
                WriteJson(item, failures, to);
                break;
        }

        to.Write("\n"u8);
    }

    private static void WriteJson(byte[]? item, int? failures, IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to, Readable);
        json.WriteStartObject();
        WriteItem(json, item);
        if (failures is not null)
        {
            json.WriteNumber("failures", failures.Value);
        }

        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>The item as the value it is, and how it was stored: what has no value in JSON is in base64.</summary>
    public static void WriteItem(Utf8JsonWriter json, byte[]? item)
    {
        var value = new ArrayBufferWriter<byte>();
        if (item is null)
        {
            json.WriteNull("item");
            json.WriteString("format", "null");
        }
        else if (MessagePackText.TryRead(item, out var text))
        {
            json.WriteString("item", text);
            json.WriteString("format", "messagepack");
        }
        else if (MessagePackJson.TryWrite(item, value))
        {
            json.WritePropertyName("item");
            json.WriteRawValue(value.WrittenSpan, skipInputValidation: true);
            json.WriteString("format", "messagepack");
        }
        else if (Utf8.IsValid(item))
        {
            json.WriteString("item", item);
            json.WriteString("format", "text");
        }
        else
        {
            json.WriteBase64String("item", item);
            json.WriteString("format", "binary");
        }
    }
}
