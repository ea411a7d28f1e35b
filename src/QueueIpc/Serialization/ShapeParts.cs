using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Internal;

namespace QueueIpc.Serialization;

/// <summary>What the code of a shape has at hand: its members' names, as they are written, and their formatters, found when they are first used.</summary>
[RequiresUnreferencedCode(Serialization.Reflection.Needed)]
[RequiresDynamicCode(Serialization.Reflection.Needed)]
internal sealed class ShapeParts
{
    private readonly Shape _shape;
    private readonly byte[][] _written;
    private readonly byte[][] _names;
    private readonly object?[] _formatters;
    private readonly Dictionary<string, int> _places;

    public ShapeParts(Shape shape)
    {
        _shape = shape;
        _written = [.. shape.Members.Select(member => CodeGenHelpers.GetEncodedStringBytes(member.Key))];
        _names = [.. shape.Members.Select(member => System.Text.Encoding.UTF8.GetBytes(member.Key))];
        _formatters = new object?[shape.Members.Count];
        _places = shape.IsArray ? [] : shape.Members.Select((member, at) => (member.Key, at)).ToDictionary(one => one.Key, one => one.at);
    }

    public static void WriteName(ref MessagePackWriter writer, ShapeParts parts, int at) => writer.WriteRaw(parts._written[at]);

    /// <summary>Which member's name comes next; -1 for a name that is nobody's. Most come in the order in which they were written.</summary>
    public static int ReadName(ref MessagePackReader reader, ShapeParts parts, int guess)
    {
        if (!reader.TryReadStringSpan(out var name))
        {
            name = CodeGenHelpers.ReadStringSpan(ref reader);
        }

        var names = parts._names;
        return (uint)guess < (uint)names.Length && name.SequenceEqual(names[guess]) ? guess : parts.Find(name);
    }

    public static IMessagePackFormatter<TMember> Formatter<TMember>(ShapeParts parts, int at, MessagePackSerializerOptions options) =>
        Unsafe.As<IMessagePackFormatter<TMember>>(parts._formatters[at]) ?? parts.FindFormatter<TMember>(at, options);

    /// <summary>Of the constructor's parameter at this place.</summary>
    public static TParameter? Default<TParameter>(ShapeParts parts, int position)
    {
        var value = parts._shape.Constructor!.GetParameters()[position].DefaultValue;
        var type = Nullable.GetUnderlyingType(typeof(TParameter)) ?? typeof(TParameter);
        return value is null or DBNull or Missing ? default : (TParameter)(type.IsEnum ? Enum.ToObject(type, value) : value);
    }

    [DoesNotReturn]
    public static void ThrowMissing(ShapeParts parts, int at) => throw new MemberMissingException(parts._shape, parts._shape.Members[at]);

    private int Find(ReadOnlySpan<byte> name)
    {
        if (_names.Length > 16)
        {
            return _places.TryGetValue(System.Text.Encoding.UTF8.GetString(name), out var place) ? place : -1;
        }

        for (var at = 0; at < _names.Length; at++)
        {
            if (name.SequenceEqual(_names[at]))
            {
                return at;
            }
        }

        return -1;
    }

    private IMessagePackFormatter<TMember> FindFormatter<TMember>(int at, MessagePackSerializerOptions options)
    {
        var formatter = _shape.Members[at].OwnFormatter is { } own
            ? (IMessagePackFormatter<TMember>)Activator.CreateInstance(own.FormatterType, own.Arguments)!
            : options.Resolver.GetFormatterWithVerify<TMember>();
        _formatters[at] = formatter;
        return formatter;
    }
}
