using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>A place in an item, found again in its bytes when something is wrong there: so that nothing has to be kept while all is well.</summary>
/// <param name="Path">As one would write it: Order.Lines[3].Price. Empty for the item itself.</param>
/// <param name="Came">What is there.</param>
/// <param name="Wanted">What the item's type has there.</param>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed record ItemPlace(string Path, string Came, string Wanted)
{
    private const int DepthMax = 1_000;
    private const int SegmentsMax = 12;

    private static readonly Dictionary<Type, string> Forms = new()
    {
        [typeof(decimal)] = "decimal (text)",
        [typeof(Guid)] = "Guid (text)",
        [typeof(Uri)] = "Uri (text)",
        [typeof(Version)] = "Version (text)",
        [typeof(DateTime)] = "DateTime (timestamp)",
        [typeof(DateTimeOffset)] = "DateTimeOffset ([timestamp, minutes])",
        [typeof(TimeSpan)] = "TimeSpan (integer, units of 100 ns)",
        [typeof(TimeOnly)] = "TimeOnly (integer, units of 100 ns)",
        [typeof(DateOnly)] = "DateOnly (integer, days)",
        [typeof(byte[])] = "byte[] (bytes)",
        [typeof(char)] = "char (integer)",
        [typeof(System.Numerics.BigInteger)] = "BigInteger (bytes)",
    };

    /// <summary>The value that has this byte.</summary>
    public static ItemPlace Of(Type type, ReadOnlyMemory<byte> bytes, long offset) => Walk(type, bytes, offset);

    /// <summary>What would have been written next.</summary>
    public static ItemPlace AtEnd(Type type, ReadOnlyMemory<byte> written) => Walk(type, written, long.MaxValue);

    /// <summary>The names in the map that begins here.</summary>
    public static List<string> NamesOf(ReadOnlyMemory<byte> bytes, long start)
    {
        var names = new List<string>();
        var reader = new MessagePackReader(bytes[(int)start..]);
        if (reader.NextMessagePackType == MessagePackType.Map)
        {
            for (var left = reader.ReadMapHeader(); left > 0; left--)
            {
                names.Add(reader.ReadString() ?? string.Empty);
                reader.Skip();
            }
        }

        return names;
    }

    private static ItemPlace Walk(Type type, ReadOnlyMemory<byte> bytes, long offset)
    {
        var within = new List<ItemContainer>();
        var came = "something";
        var reader = new MessagePackReader(bytes);
        try
        {
            while (within.Count < DepthMax)
            {
                while (within.Count > 1 && within[^1].IsDone)
                {
                    within.RemoveAt(within.Count - 1);
                    within[^1].Next();
                }

                if (reader.End || (within.Count > 0 && within[^1].IsDone))
                {
                    break;
                }

                if (within.Count > 0 && within[^1].IsAtName)
                {
                    within[^1].Name = NameOf(ref reader);
                    if (reader.Consumed > offset)
                    {
                        break;
                    }

                    continue;
                }

                var here = within.Count == 0 ? type : within[^1].TypeOfNext();
                came = WhatComes(ref reader);
                if (reader.NextMessagePackType is MessagePackType.Array or MessagePackType.Map)
                {
                    var isMap = reader.NextMessagePackType == MessagePackType.Map;
                    var count = ReadHeader(ref reader);
                    if (reader.Consumed > offset)
                    {
                        return new ItemPlace(PathOf(type, within), came, FormOf(here));
                    }

                    within.Add(new ItemContainer(here, isMap, count));
                    continue;
                }

                if (within.Count > 0 && within[^1] is { IsUnion: true, Index: 0 } && reader.NextMessagePackType == MessagePackType.Integer)
                {
                    within[^1].Case = reader.CreatePeekReader().ReadInt64();
                }

                reader.Skip();
                if (reader.Consumed > offset)
                {
                    return new ItemPlace(PathOf(type, within), came, FormOf(here));
                }

                if (within.Count == 0)
                {
                    break;
                }

                within[^1].Next();
            }
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            // The bytes end, or are none, before the place: then it is the last one that could be found.
        }

        return new ItemPlace(PathOf(type, within), came, FormOf(within.Count == 0 ? type : within[^1].TypeOfNext()));
    }

    /// <summary>MessagePack's reader wants everything to be there that the header promises: what is being written is not yet.</summary>
    private static long ReadHeader(ref MessagePackReader reader)
    {
        var code = reader.NextCode;
        var bytes = reader.ReadRaw(code is MessagePackCode.Array32 or MessagePackCode.Map32 ? 5 : code is MessagePackCode.Array16 or MessagePackCode.Map16 ? 3 : 1).ToArray();
        return bytes.Length switch
        {
            5 => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(1)),
            3 => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(1)),
            _ => code & 0x0f,
        };
    }

    private static string NameOf(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.String:
                return reader.ReadString()!;
            case MessagePackType.Integer:
                return reader.NextCode == MessagePackCode.UInt64 ? reader.ReadUInt64().ToString(CultureInfo.InvariantCulture) : reader.ReadInt64().ToString(CultureInfo.InvariantCulture);
            default:
                reader.Skip();
                return "…";
        }
    }

    private static string WhatComes(ref MessagePackReader reader)
    {
        var ahead = reader.CreatePeekReader();
        return reader.NextMessagePackType switch
        {
            MessagePackType.Nil => "nil",
            MessagePackType.Boolean => ahead.ReadBoolean() ? "true" : "false",
            MessagePackType.Integer => $"the integer {NameOf(ref ahead)}",
            MessagePackType.Float => reader.NextCode == MessagePackCode.Float32 ? "a float 32" : "a float 64",
            MessagePackType.String => "text",
            MessagePackType.Binary => "bytes",
            MessagePackType.Array => $"an array of {ReadHeader(ref ahead)}",
            MessagePackType.Map => $"a map of {ReadHeader(ref ahead)}",
            MessagePackType.Extension => ahead.ReadExtensionFormatHeader().TypeCode is var code && code == -1 ? "a timestamp" : $"extension {code}",
            _ => "a byte that MessagePack does not have",
        };
    }

    private static string FormOf(Type? type)
    {
        if (type is null)
        {
            return "something else";
        }

        var value = Nullable.GetUnderlyingType(type) ?? type;
        return Forms.TryGetValue(value, out var form) ? form
            : value.IsPrimitive || value == typeof(string) ? Words.Of(value)
            : value.IsEnum ? $"{Words.Of(value)} (integer)"
            : value.IsArray ? $"{Words.Of(value)} (array)"
            : ItemContainer.IsPairOrTuple(value) ? $"{Words.Of(value)} (array of {value.GenericTypeArguments.Length})"
            : value.IsDefined(typeof(UnionAttribute), inherit: false) ? $"{Words.Of(value)} (array of 2)"
            : typeof(System.Collections.IEnumerable).IsAssignableFrom(value) ? $"{Words.Of(value)} ({(ItemShape.IsDictionary(value) ? "map" : "array")})"
            : $"{Words.Of(value)} ({(ItemContainer.ShapeOf(value)?.IsArray == true ? "array" : "map")})";
    }

    private static string PathOf(Type type, List<ItemContainer> within)
    {
        var segments = within.Select(one => one.Segment()).Where(one => one.Length > 0).ToList();
        if (segments.Count > SegmentsMax)
        {
            segments = [.. segments[..(SegmentsMax / 2)], "…", .. segments[^(SegmentsMax / 2)..]];
        }

        return segments.Count == 0 ? string.Empty : $"{Words.Of(type)}{string.Concat(segments)}";
    }
}
