using System.Diagnostics.CodeAnalysis;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>Lets a queue travel inside an item: as its endpoint and name, and it arrives connected.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class QueueHandleResolver : IFormatterResolver
{
    public static QueueHandleResolver Instance { get; } = new();

    public IMessagePackFormatter<T>? GetFormatter<T>() => Cache<T>.Formatter;

    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    private static class Cache<T>
    {
        public static readonly IMessagePackFormatter<T>? Formatter =
            typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(IpcQueue<>)
                ? (IMessagePackFormatter<T>)Activator.CreateInstance(typeof(QueueHandleFormatter<>).MakeGenericType(typeof(T).GenericTypeArguments))!
                : null;
    }
}

[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class QueueHandleFormatter<TItem> : IMessagePackFormatter<IpcQueue<TItem>?>
{
    public void Serialize(ref MessagePackWriter writer, IpcQueue<TItem>? value, MessagePackSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(2);
        writer.Write(value.Endpoint);
        writer.Write(value.Name);
    }

    public IpcQueue<TItem>? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        if (reader.ReadArrayHeader() != 2)
        {
            throw new MessagePackSerializationException("a queue inside an item is its endpoint and its name");
        }

        var (endpoint, name) = (reader.ReadString(), reader.ReadString());
        return IpcQueue.Open<TItem>(endpoint ?? string.Empty, name ?? string.Empty);
    }
}
