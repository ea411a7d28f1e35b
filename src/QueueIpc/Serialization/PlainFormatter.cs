using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>
/// The formatters of the simplest items, without MessagePack's options and resolvers, which would find the same ones: they want a random key, regular
/// expressions and tables first, and a new process would spend more time on those than on everything else until its first item.
/// </summary>
internal static class PlainFormatter<T>
{
    /// <summary>None of these formatters looks at its options.</summary>
    public const MessagePackSerializerOptions NoOptions = null!;

    /// <summary>Null for items that are not so simple.</summary>
    public static readonly IMessagePackFormatter<T>? Instance = (IMessagePackFormatter<T>?)Find();

    private static object? Find() =>
        typeof(T) == typeof(string) ? NullableStringFormatter.Instance
        : typeof(T) == typeof(int) ? new IntegerFormatter<int>(Int32Formatter.Instance)
        : typeof(T) == typeof(long) ? new IntegerFormatter<long>(Int64Formatter.Instance)
        : typeof(T) == typeof(double) ? DoubleFormatter.Instance
        : typeof(T) == typeof(bool) ? BooleanFormatter.Instance
        : null;
}
