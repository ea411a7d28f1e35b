using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using QueueIpc.Cli.Tool;
using QueueIpc.Serialization;
using QueueIpc.Sqlite;

namespace QueueIpc.Cli.Items;

/// <summary>
/// A queue's options, or one of its items, as a line of JSON, and back: the same item to the byte. What JSON cannot give back as it was is in base64.
/// </summary>
internal static class SavedLine
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const int TicksOfMicro = 10;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(SavedQueue queue, IBufferWriter<byte> to) => Write(to, json =>
    {
        json.WriteString("queue", queue.Name);
        json.WriteNumber("capacity", queue.Capacity);
        json.WriteNumber("maxBytes", queue.MaxBytes);
        json.WriteNumber("leaseTime", Seconds(queue.LeaseTimeMicros));
        json.WriteNumber("maxFailures", queue.MaxFailures);
        json.WriteBoolean("isCompleted", queue.IsCompleted);
        json.WriteBoolean("isDiscarding", queue.IsDiscarding);
        json.WriteNumber("lastSequence", queue.LastSequence);
        json.WriteNumber("dropped", queue.Dropped);
    });

    public static void Write(string queue, SavedItem item, IBufferWriter<byte> to) => Write(to, json =>
    {
        json.WriteString("queue", queue);
        json.WriteNumber("sequence", item.Sequence!.Value);
        json.WriteString("putAt", Time(item.PutAt));
        if (item.Failures > 0)
        {
            json.WriteNumber("failures", item.Failures);
        }

        WriteState(json, item);
        var note = item.HasNote ? TraceNote.BytesAtEnd(item.Bytes) : 0;
        WriteItem(json, item.Bytes?[..^note]);
        if (note > 0)
        {
            json.WriteBase64String("note", item.Bytes.AsSpan(item.Bytes!.Length - note));
        }
    });

    /// <summary>The queue, and one of its items, or its options when the line has no item.</summary>
    /// <exception cref="UsageException">The line is neither.</exception>
    public static (SavedQueue Queue, SavedItem? Item) Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var name = root.GetProperty("queue").GetString() ?? throw new FormatException("'queue' is no name");
            QueueNames.Check(name);
            return root.TryGetProperty("item", out var item) ? (new SavedQueue(name), ItemOf(root, item)) : (QueueOf(name, root), null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new UsageException($"it is no line of an export: {e.Message.Split(" LineNumber:")[0].TrimEnd('.')}");
        }
    }

    private static void Write(IBufferWriter<byte> to, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(to, Readable))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        to.Write("\n"u8);
    }

    private static void WriteState(Utf8JsonWriter json, SavedItem item)
    {
        switch (item.State)
        {
            case SavedState.Delayed:
                json.WriteString("state", "delayed");
                json.WriteString("readyAt", Time(item.At));
                json.WriteNumber("delay", Seconds(item.DelayMicros));
                break;
            case SavedState.Dead:
                json.WriteString("state", "dead");
                json.WriteString("deadSince", Time(item.At));
                json.WriteString("reason", item.Reason);
                break;
            default:
                json.WriteString("state", "ready");
                break;
        }
    }

    private static void WriteItem(Utf8JsonWriter json, byte[]? item)
    {
        if (item is not null && !IsTheSameAgain(item))
        {
            json.WriteBase64String("item", item);
            json.WriteString("format", "binary");
            return;
        }

        ItemLine.WriteItem(json, item);
    }

    /// <summary>MessagePack has several forms of the same number, and types that JSON does not have.</summary>
    private static bool IsTheSameAgain(byte[] item)
    {
        if (MessagePackText.TryRead(item, out var text))
        {
            return MessagePackText.Pack(text).AsSpan().SequenceEqual(item);
        }

        var json = new ArrayBufferWriter<byte>();
        return MessagePackJson.TryWrite(item, json) ? MessagePackJson.Pack(json.WrittenSpan).AsSpan().SequenceEqual(item) : Utf8.IsValid(item);
    }

    private static SavedQueue QueueOf(string name, JsonElement from)
    {
        var usual = new SavedQueue(name);
        return usual with
        {
            Capacity = (int)Number(from, "capacity", int.MaxValue),
            MaxBytes = Number(from, "maxBytes", long.MaxValue),
            LeaseTimeMicros = from.TryGetProperty("leaseTime", out var seconds) ? Micros(seconds) : usual.LeaseTimeMicros,
            MaxFailures = from.TryGetProperty("maxFailures", out _) ? (int)Number(from, "maxFailures", int.MaxValue) : usual.MaxFailures,
            IsCompleted = from.TryGetProperty("isCompleted", out var completed) && completed.GetBoolean(),
            IsDiscarding = from.TryGetProperty("isDiscarding", out var discarding) && discarding.GetBoolean(),
            LastSequence = Number(from, "lastSequence", long.MaxValue),
            Dropped = Number(from, "dropped", long.MaxValue),
        };
    }

    private static SavedItem ItemOf(JsonElement from, JsonElement item)
    {
        var state = from.TryGetProperty("state", out var said) ? said.GetString() : "ready";
        var bytes = BytesOf(item, from.TryGetProperty("format", out var format) ? format.GetString() : "messagepack");
        var note = from.TryGetProperty("note", out var end) ? end.GetBytesFromBase64() : [];
        return new SavedItem(bytes is null ? null : [.. bytes, .. note])
        {
            HasNote = note.Length > 0,
            Sequence = from.TryGetProperty("sequence", out _) ? Math.Max(1, Number(from, "sequence", long.MaxValue)) : null,
            State = state switch { "ready" => SavedState.Ready, "delayed" => SavedState.Delayed, "dead" => SavedState.Dead, _ => throw new FormatException($"'{state}' is no state of an item") },
            Failures = (int)Number(from, "failures", ushort.MaxValue),
            PutAt = TimeOf(from, "putAt"),
            At = TimeOf(from, state == "dead" ? "deadSince" : "readyAt"),
            DelayMicros = from.TryGetProperty("delay", out var delay) ? Micros(delay) : 0,
            Reason = from.TryGetProperty("reason", out var reason) ? reason.GetString() : null,
        };
    }

    private static byte[]? BytesOf(JsonElement item, string? format) => format switch
    {
        "null" => null,
        "binary" => item.GetBytesFromBase64(),
        "text" => System.Text.Encoding.UTF8.GetBytes(item.GetString() ?? string.Empty),
        "messagepack" when item.ValueKind == JsonValueKind.String => MessagePackText.Pack(System.Text.Encoding.UTF8.GetBytes(item.GetString()!)),
        "messagepack" => MessagePackJson.Pack(System.Text.Encoding.UTF8.GetBytes(item.GetRawText())),
        _ => throw new FormatException($"'{format}' is no format of an item"),
    };

    private static long Number(JsonElement from, string name, long max) =>
        !from.TryGetProperty(name, out var value) ? 0
        : value.TryGetInt64(out var number) && number >= 0 && number <= max ? number
        : throw new FormatException($"'{name}' is no number from 0 to {max}");

    private static decimal Seconds(long micros) => micros / 1_000_000m;

    private static long Micros(JsonElement seconds) =>
        seconds.TryGetDecimal(out var value) && value is >= 0 and < long.MaxValue / 1_000_000 ? (long)(value * 1_000_000m) : throw new FormatException("it has a number of seconds that is none");

    private static string Time(long micros) =>
        DateTime.UnixEpoch.AddTicks(Math.Clamp(micros, 0, (DateTime.MaxValue - DateTime.UnixEpoch).Ticks / TicksOfMicro) * TicksOfMicro).ToString(TimeForm, CultureInfo.InvariantCulture);

    /// <summary>A time that is not said is now.</summary>
    private static long TimeOf(JsonElement from, string name) =>
        from.TryGetProperty(name, out var said) ? (said.GetDateTimeOffset().UtcDateTime - DateTime.UnixEpoch).Ticks / TicksOfMicro : WallClock.UnixMicros;
}
