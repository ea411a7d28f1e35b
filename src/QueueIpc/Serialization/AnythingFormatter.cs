using System.Collections;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>A member of type object: written as what it is, read as what MessagePack has for it. A map must have keys that can be read as such.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class AnythingFormatter : IMessagePackFormatter<object?>
{
    private static readonly HashSet<Type> KeysThatAreOneValue =
        [typeof(string), typeof(object), typeof(decimal), typeof(Half), typeof(Guid), typeof(DateTime), typeof(TimeSpan), typeof(DateOnly), typeof(TimeOnly), typeof(Uri), typeof(Version)];

    public void Serialize(ref MessagePackWriter writer, object? value, MessagePackSerializerOptions options)
    {
        if (value is IDictionary)
        {
            Check(value);
        }

        DynamicObjectTypeFallbackFormatter.Instance.Serialize(ref writer, value, options);
    }

    public object? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => DynamicObjectTypeFallbackFormatter.Instance.Deserialize(ref reader, options);

    private static void Check(object map)
    {
        var type = map.GetType();
        if (ItemShape.KeyOf(type) is { } key && !key.IsPrimitive && !key.IsEnum && !KeysThatAreOneValue.Contains(key))
        {
            throw new MessagePackSerializationException($"{Words.Of(type)}: its keys are of type {Words.Of(key)}, and cannot be read where anything may be. Give the member its type.");
        }

        KeysOf.In(type)?.Check(map);
    }
}
