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
    private static readonly MessagePackSerializerOptions Options = MessagePackSerializerOptions.Standard
        .WithResolver(new DepthGuardResolver(CompositeResolver.Create(QueueHandleResolver.Instance, StandardResolver.Instance, ContractlessStandardResolverAllowPrivate.Instance)))
        .WithSecurity(MessagePackSecurity.UntrustedData);

    public static MessagePackItemSerializer Instance { get; } = new();

    /// <summary>For arguments of workers, whose types are known at run time only.</summary>
    public static byte[] Serialize(Type type, object? item) => MessagePackSerializer.Serialize(type, item, Options);

    public static object? Deserialize(Type type, byte[] bytes) => MessagePackSerializer.Deserialize(type, bytes, Options);

    public void Serialize<T>(IBufferWriter<byte> writer, T item) => MessagePackSerializer.Serialize(writer, item, Options);

    public T Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        var item = MessagePackSerializer.Deserialize<T>(bytes, Options, out var read);
        return read == bytes.Length
            ? item
            : throw new MessagePackSerializationException($"{bytes.Length - read} of {bytes.Length} bytes are left over after the item");
    }
}
