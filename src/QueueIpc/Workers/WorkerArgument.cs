using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using QueueIpc.Client;
using QueueIpc.Serialization;

namespace QueueIpc.Workers;

/// <summary>An argument of a worker's method, as it travels: whatever MessagePack can serialise; in a program without reflection what this file can.</summary>
internal static class WorkerArgument
{
    private static readonly byte[] Null = [0];
    private const byte NotNull = 1;

    public static byte[] Pack(Type type, object? argument) =>
        Reflection.IsComplete ? MessagePackItemSerializer.Serialize(type, argument) : PackPlainly(argument);

    public static object? Unpack(Type type, byte[] bytes) =>
        Reflection.IsComplete ? MessagePackItemSerializer.Deserialize(type, bytes) : UnpackPlainly(type, bytes);

    internal static byte[] PackPlainly(object? argument) => argument switch
    {
        null => Null,
        byte[] bytes => [NotNull, .. bytes],
        string text => Text(text),
        IQueueHandle queue => Text($"{queue.Endpoint}\n{queue.Name}"),
        IConvertible number when number.GetType().IsPrimitive => Text(number.ToString(CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException("In a trimmed or Native AOT program an argument is a queue, a text, a number or a byte array. Send others as bytes."),
    };

    internal static object? UnpackPlainly(Type type, byte[] bytes)
    {
        if (bytes[0] != NotNull)
        {
            return null;
        }

        if (type == typeof(byte[]))
        {
            return bytes[1..];
        }

        var text = Encoding.Unicode.GetString(bytes.AsSpan(1));
        return type == typeof(string) ? text
            : type.IsAssignableTo(typeof(IQueueHandle)) ? OpenQueue(type, text)
            : Convert.ChangeType(text, Nullable.GetUnderlyingType(type) ?? type, CultureInfo.InvariantCulture);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The program that sent the queue is this same program, and had one of that type.")]
    private static IQueueHandle OpenQueue(Type type, string text)
    {
        var (endpoint, name) = text.Split('\n') is [var first, var second] ? (first, second) : throw new InvalidDataException("A queue is its endpoint and its name.");

        // An empty object knows its item type without reflection, and can make a whole one.
        var empty = (IQueueHandle)RuntimeHelpers.GetUninitializedObject(type);
        return empty.Open(SharedConnections.Open(endpoint, name, null), RawBytesSerializer.Instance);
    }

    private static byte[] Text(string text) => [NotNull, .. Encoding.Unicode.GetBytes(text)];
}
