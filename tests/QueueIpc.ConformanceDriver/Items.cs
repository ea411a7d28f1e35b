using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace QueueIpc.ConformanceDriver;

/// <summary>Items as JSON tells them.</summary>
internal static class Items
{
    public static string Text(JsonNode value) => value is JsonObject text ? new string('a', (int)text["$text"]!) : (string)value!;

    public static object? Parse(JsonNode? value, QueueClient client) => value switch
    {
        JsonArray array => array.Select(each => Parse(each, client)).ToArray(),
        JsonObject one when one["$bytes"] is { } bytes => Bytes((int)bytes!),
        JsonObject one when one["$text"] is not null => Text(one),
        JsonObject one when one["$unwritable"] is not null => new Dictionary<string, object?> { ["member"] = new Action(() => { }) },
        JsonObject one when one["$queue"] is { } queue => client.OpenQueue<int>((string)queue!),
        JsonObject one => one.ToDictionary(pair => pair.Key, pair => Parse(pair.Value, client)),
        JsonValue plain => plain.GetValueKind() switch
        {
            JsonValueKind.String => (string)plain!,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => plain.TryGetValue<long>(out var whole) ? (object)whole : (double)plain,
        },
        _ => null,
    };

    public static JsonNode? Tell(object? value) => value switch
    {
        null => null,
        byte[] bytes => new JsonObject { ["$bytes"] = bytes.Length },
        string text => text,
        IDictionary map => new JsonObject(map.Keys.Cast<object>().Select(key => KeyValuePair.Create((string)key, Tell(map[key])))),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Tell)]),
        double number => number,
        bool flag => flag,
        _ => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Array.Fill(bytes, (byte)'a');
        return bytes;
    }
}
