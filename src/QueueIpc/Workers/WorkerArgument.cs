using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using QueueIpc.Client;
using QueueIpc.Serialization;

namespace QueueIpc.Workers;

/// <summary>
/// An argument of a worker's method, as it travels. Queues, text, numbers and bytes need no serializer, in whatever program; one without reflection can have no others.
/// </summary>
internal static class WorkerArgument
{
    private const byte NotNull = 1;
    private static readonly byte[] Null = [0];

    public static byte[] Pack(Type type, object? argument) =>
        IsPlain(type) ? PackPlainly(argument)
        : Reflection.IsComplete ? TypedAtRunTime.Of(type).Serialize(argument)
        : throw new NotSupportedException("In a trimmed or Native AOT program an argument is a queue, a text, a number or a byte array. Send others as bytes.");

    public static object? Unpack(Type type, byte[] bytes) =>
        IsPlain(type) ? UnpackPlainly(type, bytes)
        : Reflection.IsComplete ? TypedAtRunTime.Of(type).Deserialize(bytes)
        : throw new NotSupportedException($"A {type} cannot be read in a trimmed or Native AOT program.");

    private static bool IsPlain(Type type) => type == typeof(string) || type == typeof(byte[]) || IsQueue(type) || IsNumber(Nullable.GetUnderlyingType(type) ?? type);

    private static bool IsQueue(Type type) => type.IsAssignableTo(typeof(IQueueHandle));

    private static bool IsNumber(Type type) => type.IsPrimitive && type.IsAssignableTo(typeof(IConvertible));

    private static byte[] PackPlainly(object? argument) => argument switch
    {
        null => Null,
        byte[] bytes => [NotNull, .. bytes],
        IQueueHandle queue => Text($"{queue.Endpoint}\n{queue.Name}"),
        _ => Text(Convert.ToString(argument, CultureInfo.InvariantCulture)!),
    };

    private static object? UnpackPlainly(Type type, byte[] bytes)
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
        return IsQueue(type) ? OpenQueue(type, text) : Convert.ChangeType(text, Nullable.GetUnderlyingType(type) ?? type, CultureInfo.InvariantCulture);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The program that sent the queue is this same program, and had one of that type.")]
    private static IQueueHandle OpenQueue(Type type, string text)
    {
        var (endpoint, name) = text.Split('\n') is [var first, var second] ? (first, second) : throw new InvalidDataException("A queue is its endpoint and its name.");

        // An empty object knows its item type without reflection, and can make a whole one.
        var empty = (IQueueHandle)RuntimeHelpers.GetUninitializedObject(type);
        return empty.Open(SharedConnections.Open(endpoint, name, null), Reflection.IsComplete ? MessagePackItemSerializer.Instance : RawBytesSerializer.Instance);
    }

    private static byte[] Text(string text) => [NotNull, .. Encoding.Unicode.GetBytes(text)];
}
