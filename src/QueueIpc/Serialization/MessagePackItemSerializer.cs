using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using MessagePack.Resolvers;

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
        if (PlainFormatter<T>.Instance is { } plain)
        {
            var to = new MessagePackWriter(writer);
            plain.Serialize(ref to, item, PlainFormatter<T>.NoOptions);
            to.Flush();
            return;
        }

        MessagePackSerializer.Serialize(writer, item, Full.Options);
    }

    public T Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        if (PlainFormatter<T>.Instance is { } plain)
        {
            var from = new MessagePackReader(bytes);
            return WithoutRest(plain.Deserialize(ref from, PlainFormatter<T>.NoOptions), from.Consumed, bytes.Length);
        }

        return WithoutRest(MessagePackSerializer.Deserialize<T>(bytes, Full.Options, out var read), read, bytes.Length);
    }

    private static T WithoutRest<T>(T item, long read, int bytes) => read == bytes
        ? item
        : throw new MessagePackSerializationException($"{bytes - read} of {bytes} bytes are left over after the item");

    /// <summary>A class of its own, so that only the first item that needs them makes them: see <see cref="PlainFormatter{T}"/>.</summary>
    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    private static class Full
    {
        public static readonly MessagePackSerializerOptions Options = MessagePackSerializerOptions.Standard
            .WithResolver(new DepthGuardResolver(CompositeResolver.Create(QueueHandleResolver.Instance, StandardResolver.Instance, ContractlessStandardResolverAllowPrivate.Instance)))
            .WithSecurity(KeySecurity.Instance);
    }
}
