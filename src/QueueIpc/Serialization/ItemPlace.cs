using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MessagePack;

namespace QueueIpc.Serialization;

/// <summary>A place in an item, found again in its bytes when something is wrong there: so that nothing has to be kept while all is well.</summary>
[RequiresUnreferencedCode(Reflection.Needed)]
[RequiresDynamicCode(Reflection.Needed)]
internal sealed class ItemPlace
{
    private const int DepthMax = 1_000;
    private const int SegmentsMax = 12;

    private readonly Type _item;
    private readonly List<ItemContainer> _within = [];
    private string _came = "something";
    private Type? _wanted;
    private bool _isKey;
    private decimal? _number;

    private ItemPlace(Type item) => _item = item;

    /// <summary>As one would write it: Order.Lines[3].Price. Empty for the item itself.</summary>
    public string Path => PathOf(_within.Count);

    public bool IsNumber => _number is not null;

    /// <summary>What came instead of what is read.</summary>
    public string Mismatch => (_number is { } number && WireForm.OutOfRange(_wanted, number) is { } range ? _isKey ? $"as a key {range}" : range : null) ?? $"{_came} came where {Wanted} is read.";

    /// <summary>Where the value begins that has this place in it, and why it is none though it came in the right form.</summary>
    public (string Path, string Words) NoSuch =>
        _within.FindIndex(one => WireForm.IsOneValue(one.Type)) is var at && at >= 0 ? (PathOf(at), $"{_within[at].Came} came, and it is no {WireForm.Of(_within[at].Type)}.") : (Path, $"{_came} came, and it is no {Wanted}.");

    /// <summary>Where a key is that nothing can be found by, and why; null when there is none.</summary>
    public (string Path, string Words)? BadKey
    {
        get
        {
            for (var at = _within.Count - 1; at >= 0; at--)
            {
                var one = _within[at];
                if (one.IsLookup || one is { IsDictionary: true, IsSecond: true })
                {
                    return (PathOf(at), one.IsLookup ? "a key came twice." : $"the key '{one.Name}' came twice.");
                }

                if (one is { IsDictionary: true, Name: Nil })
                {
                    return (PathOf(at), "nil came as a key.");
                }
            }

            return null;
        }
    }

    private const string Nil = "nil";

    private string Wanted => _isKey && _within[^1].TypeOfKey is null ? "the name of a member (text)" : WireForm.Of(_wanted);

    /// <summary>The value that has this byte.</summary>
    public static ItemPlace Of(Type type, ReadOnlyMemory<byte> bytes, long offset)
    {
        var place = new ItemPlace(type);
        place.Walk(bytes, offset);
        return place;
    }

    /// <summary>What would have been written next.</summary>
    public static ItemPlace AtEnd(Type type, ReadOnlyMemory<byte> written) => Of(type, written, long.MaxValue);

    /// <summary>The names in the map that begins here.</summary>
    public static List<string> NamesOf(ReadOnlyMemory<byte> bytes, long start)
    {
        var names = new List<string>();
        var reader = new MessagePackReader(bytes[(int)start..]);
        if (reader.NextMessagePackType == MessagePackType.Map)
        {
            for (var left = reader.ReadMapHeader(); left > 0; left--)
            {
                names.Add(NameOf(ref reader));
                reader.Skip();
            }
        }

        return names;
    }

    /// <summary>A member's path, behind that of the object that has it.</summary>
    public string PathTo(string member) => $"{(Path.Length == 0 ? Words.Of(_item) : Path)}.{member}";

    private void Walk(ReadOnlyMemory<byte> bytes, long offset)
    {
        var reader = new MessagePackReader(bytes);
        _wanted = _item;
        try
        {
            while (_within.Count < DepthMax)
            {
                while (_within.Count > 1 && _within[^1].IsDone)
                {
                    _within.RemoveAt(_within.Count - 1);
                    _within[^1].Next();
                }

                if (_within.Count > 0)
                {
                    _wanted = _within[^1].TypeOfNext();
                }

                if (reader.End || (_within.Count > 0 && _within[^1].IsDone) || Step(ref reader, offset))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            // The bytes end, or are none, before the place: then it is the last one that could be found.
        }
    }

    /// <summary>Whether this is the place.</summary>
    private bool Step(ref MessagePackReader reader, long offset)
    {
        if (_within.Count > 0 && _within[^1].IsAtName)
        {
            return StepOverKey(ref reader, offset);
        }

        _came = WhatComes(ref reader);
        _number = NumberOf(ref reader);
        if (reader.NextMessagePackType is MessagePackType.Array or MessagePackType.Map)
        {
            var isMap = reader.NextMessagePackType == MessagePackType.Map;
            var count = ReadHeader(ref reader);
            if (reader.Consumed > offset)
            {
                return true;
            }

            _within.Add(new ItemContainer(_wanted, isMap, count, _came, _within.LastOrDefault()));
            return false;
        }

        if (_within.Count > 0 && _within[^1] is { IsUnion: true, Index: 0 } && reader.NextMessagePackType == MessagePackType.Integer)
        {
            _within[^1].Case = reader.CreatePeekReader().ReadInt64();
        }

        reader.Skip();
        if (reader.Consumed > offset || _within.Count == 0)
        {
            return true;
        }

        _within[^1].Next();
        return false;
    }

    private bool StepOverKey(ref MessagePackReader reader, long offset)
    {
        var (key, number) = (WhatComes(ref reader), NumberOf(ref reader));
        var isText = reader.NextMessagePackType == MessagePackType.String;
        var identity = Convert.ToHexString(reader.CreatePeekReader().ReadRaw().ToArray());
        var name = NameOf(ref reader);
        if (reader.Consumed <= offset)
        {
            _within[^1].IsAt(name, identity);
            return false;
        }

        (_came, _number, _wanted, _isKey) = (isText ? $"the key '{Short(name)}'" : $"as a key {key}", number, _within[^1].TypeOfKey, true);
        return true;
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
            case MessagePackType.Nil:
                reader.Skip();
                return Nil;
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

    private static decimal? NumberOf(ref MessagePackReader reader)
    {
        var ahead = reader.CreatePeekReader();
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Integer:
                return reader.NextCode == MessagePackCode.UInt64 ? ahead.ReadUInt64() : ahead.ReadInt64();
            case MessagePackType.Float:
                var value = ahead.ReadDouble();
                return value == Math.Floor(value) && Math.Abs(value) <= ulong.MaxValue ? (decimal)value : null;
            default:
                return null;
        }
    }

    private static string Short(string name) => name.Length <= 60 ? name : $"{name[..60]}…";

    /// <summary>Of what is so many containers deep.</summary>
    private string PathOf(int depth)
    {
        var segments = _within.Take(depth).Select(one => one.Segment()).Where(one => one.Length > 0).ToList();
        if (segments.Count > SegmentsMax)
        {
            segments = [.. segments[..(SegmentsMax / 2)], "…", .. segments[^(SegmentsMax / 2)..]];
        }

        return segments.Count == 0 ? string.Empty : $"{Words.Of(_item)}{string.Concat(segments)}";
    }
}
