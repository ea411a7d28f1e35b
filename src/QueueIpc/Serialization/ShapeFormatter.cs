using System.Diagnostics.CodeAnalysis;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>Writes and reads objects by their <see cref="Shape"/>. A process that only puts makes no code for reading.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class ShapeFormatter<T>(Shape shape) : IMessagePackFormatter<T?>
{
    private readonly ShapeParts _parts = new(shape);
    private readonly bool _calls = typeof(IMessagePackSerializationCallbackReceiver).IsAssignableFrom(typeof(T));
    private WriteMembers<T>? _write;
    private ReadMembers<T>? _read;

    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        if (_calls)
        {
            var receiver = (IMessagePackSerializationCallbackReceiver)value;
            receiver.OnBeforeSerialize();
            value = (T)receiver;
        }

        (_write ??= ShapeCode.Writer<T>(shape, _parts))(ref writer, value, options);
    }

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.TryReadNil())
        {
            return default(T) is null ? default : throw new MessagePackSerializationException($"nil came, and {Words.Of(typeof(T))} has no null");
        }

        options.Security.DepthStep(ref reader);
        var start = reader.Consumed;
        var count = shape.IsArray ? reader.ReadArrayHeader() : reader.ReadMapHeader();
        var step = ShapeStep.Reading;
        T made;
        try
        {
            made = (_read ??= ShapeCode.Reader<T>(shape, _parts))(ref reader, count, options, ref step);
            if (_calls)
            {
                step = ShapeStep.Making;
                var receiver = (IMessagePackSerializationCallbackReceiver)made!;
                receiver.OnAfterDeserialize();
                made = (T)receiver;
            }
        }
        catch (Exception e) when (ItemFailure.Note(e, start, shape, step))
        {
            throw;
        }

        reader.Depth--;
        return made;
    }
}
