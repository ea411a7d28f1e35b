using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using MessagePack;
using MessagePack.Formatters;

namespace QueueIpc.Serialization;

/// <summary>[number, value], by the [Union] attributes of an interface or abstract class. Whatever is none of its cases is refused, on both sides.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class UnionFormatter<T> : IMessagePackFormatter<T?>
{
    private readonly Dictionary<Type, Case> _byType = [];
    private readonly Dictionary<int, Case> _byNumber = [];

    public UnionFormatter()
    {
        if (!typeof(T).IsInterface && !typeof(T).IsAbstract)
        {
            throw Shape.Refused(typeof(T), "[Union] is for interfaces and abstract classes");
        }

        foreach (var attribute in typeof(T).GetCustomAttributes<UnionAttribute>(inherit: false))
        {
            var one = (Case)Activator.CreateInstance(typeof(Case<>).MakeGenericType(typeof(T), attribute.SubType), attribute.Key)!;
            if (!_byType.TryAdd(attribute.SubType, one) || !_byNumber.TryAdd(attribute.Key, one))
            {
                throw Shape.Refused(typeof(T), $"[Union] has {attribute.Key} or {Words.Of(attribute.SubType)} twice");
            }
        }
    }

    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNil();
            return;
        }

        if (!_byType.TryGetValue(value.GetType(), out var one))
        {
            throw new MessagePackSerializationException($"{Words.Of(value.GetType())} is none of the [Union] cases of {Words.Of(typeof(T))}.");
        }

        writer.WriteArrayHeader(2);
        writer.Write(one.Number);
        one.Serialize(ref writer, value, options);
    }

    public T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        if (reader.TryReadNil())
        {
            return default;
        }

        options.Security.DepthStep(ref reader);
        if (reader.ReadArrayHeader() != 2)
        {
            throw new MessagePackSerializationException($"a union is its number and its value, and {Words.Of(typeof(T))} is one.");
        }

        var number = Integers.ReadInt32(ref reader);
        var value = _byNumber.TryGetValue(number, out var one) ? one.Deserialize(ref reader, options)
            : throw new MessagePackSerializationException($"{Words.Of(typeof(T))} has no [Union] case {number}.");
        reader.Depth--;
        return value;
    }

    private abstract class Case(int number)
    {
        public int Number => number;

        public abstract void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options);

        public abstract T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options);
    }

    private sealed class Case<TCase>(int number) : Case(number)
        where TCase : T
    {
        public override void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options) => options.Resolver.GetFormatterWithVerify<TCase>().Serialize(ref writer, (TCase)value!, options);

        public override T? Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) => options.Resolver.GetFormatterWithVerify<TCase>().Deserialize(ref reader, options);
    }
}
