using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace QueueIpc.Serialization;

/// <summary>
/// Serialises items whose type is known at run time only: the arguments of workers. MessagePack's own way to do that compiles
/// expressions, which takes longer than to start the worker.
/// </summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal abstract class TypedAtRunTime
{
    public static TypedAtRunTime Of(Type type) => (TypedAtRunTime)Activator.CreateInstance(typeof(As<>).MakeGenericType(type))!;

    public abstract byte[] Serialize(object? item);

    public abstract object? Deserialize(byte[] bytes);

    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    private sealed class As<T> : TypedAtRunTime
    {
        public override byte[] Serialize(object? item)
        {
            var writer = new ArrayBufferWriter<byte>();
            MessagePackItemSerializer.Instance.Serialize(writer, (T)item!);
            return writer.WrittenSpan.ToArray();
        }

        public override object? Deserialize(byte[] bytes) => MessagePackItemSerializer.Instance.Deserialize<T>(bytes);
    }
}
