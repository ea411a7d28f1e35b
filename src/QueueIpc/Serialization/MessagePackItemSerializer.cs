using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>
/// The default: MessagePack for everything, with or without attributes, private types included (a record at the end of Program.cs is one).
/// Items come from other processes, so the reader is set up for untrusted data, and no item names the type it wants to be.
/// </summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class MessagePackItemSerializer : IQueueSerializer
{
    public static MessagePackItemSerializer Instance { get; } = new();

    public void Serialize<T>(IBufferWriter<byte> writer, T item)
    {
        var packed = writer as PackedWriter;
        var start = packed?.WrittenCount ?? 0;
        var to = new MessagePackWriter(writer);
        try
        {
            if (PlainFormatter<T>.Instance is { } plain)
            {
                plain.Serialize(ref to, item, PlainFormatter<T>.NoOptions);
            }
            else
            {
                Full.Options.Resolver.GetFormatterWithVerify<T>().Serialize(ref to, item, Full.Options);
            }

            to.Flush();
        }
        catch (Exception e)
        {
            to.Flush();
            throw ItemFailure.OfPut(typeof(T), packed?.Written.AsMemory(start) ?? default, e);
        }
    }

    public T Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        var from = new MessagePackReader(bytes);
        T item;
        try
        {
            item = PlainFormatter<T>.Instance is { } plain ? plain.Deserialize(ref from, PlainFormatter<T>.NoOptions) : Full.Options.Resolver.GetFormatterWithVerify<T>().Deserialize(ref from, Full.Options);
        }
        catch (Exception e)
        {
            throw ItemFailure.OfGet(typeof(T), bytes, from.Consumed, e);
        }

        return from.Consumed == bytes.Length ? item
            : throw new MessagePackSerializationException($"{bytes.Length - from.Consumed} of {bytes.Length} bytes are left over after the item");
    }

    /// <summary>A class of its own, so that only the first item that needs them makes them: see <see cref="PlainFormatter{T}"/>.</summary>
    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    private static class Full
    {
        public static readonly MessagePackSerializerOptions Options = new MessagePackSerializerOptions(ItemResolver.Instance).WithSecurity(KeySecurity.Instance);
    }
}
