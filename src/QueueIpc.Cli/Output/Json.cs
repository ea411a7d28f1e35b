using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace QueueIpc.Cli.Output;

/// <summary>Answers in JSON: one value on one line. Written by hand, since the serialiser takes longer to start than most commands take.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Print(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Readable))
        {
            write(json);
        }

        Console.Out.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    public static void PrintObject(Action<Utf8JsonWriter> write) => Print(json => WriteObject(json, write));

    public static void PrintArray<T>(IEnumerable<T> values, Action<Utf8JsonWriter, T> write) => Print(json => WriteArray(json, values, write));

    public static void WriteArray<T>(Utf8JsonWriter json, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray();
        foreach (var value in values)
        {
            WriteObject(json, it => write(it, value));
        }

        json.WriteEndArray();
    }

    /// <summary>A queue's numbers, with the names that the library has for them. Times are in seconds.</summary>
    public static void WriteQueue(Utf8JsonWriter json, QueueInfo queue)
    {
        json.WriteString("name", queue.Name);
        json.WriteNumber("capacity", queue.Capacity);
        json.WriteNumber("ready", queue.Ready);
        json.WriteNumber("leased", queue.Leased);
        json.WriteNumber("delayed", queue.Delayed);
        json.WriteNumber("dead", queue.Dead);
        json.WriteNumber("bytes", queue.Bytes);
        json.WriteNumber("waitingGets", queue.WaitingGets);
        json.WriteNumber("waitingPuts", queue.WaitingPuts);
        json.WriteNumber("oldestAge", Seconds(queue.OldestAge));
        json.WriteNumber("totalPut", queue.TotalPut);
        json.WriteNumber("totalTaken", queue.TotalTaken);
        json.WriteBoolean("isCompleted", queue.IsCompleted);
        json.WriteBoolean("isDraining", queue.IsDraining);
        json.WriteString("label", queue.Label);
        json.WriteBoolean("isDurable", queue.IsDurable);
    }

    public static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 6);

    private static void WriteObject(Utf8JsonWriter json, Action<Utf8JsonWriter> write)
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    }
}
