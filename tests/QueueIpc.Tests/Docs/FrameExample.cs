using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;

namespace QueueIpc.Tests.Docs;

/// <summary>A value of a frame's body as the document has it; one that varies is not the same each time.</summary>
internal sealed record FrameValue(string Kind, string Text, bool Varies);

/// <summary>One frame block of docs/protocol.md.</summary>
internal sealed partial record FrameExample(string From, Op Op, byte Flags, uint Queue, ulong Request, IReadOnlyList<FrameValue> Values, string Hex)
{
    public bool IsFromClient => From.StartsWith("client", StringComparison.Ordinal);

    public bool IsOnNewConnection => From.EndsWith("new connection", StringComparison.Ordinal);

    public byte[] Bytes => Convert.FromHexString(Hex);

    public static IReadOnlyList<FrameExample> ReadAll(string document) =>
        [.. Blocks().Matches(document).Select(block => Read(block.Groups[1].Value))];

    /// <summary>The frame that these values make.</summary>
    public WireFrame Encode() => WireFrame.Make(Op, Queue, Request, Flags, to =>
    {
        foreach (var value in Values)
        {
            Write(to, value);
        }
    });

    /// <summary>The values that a body has, read as this example's kinds.</summary>
    public IReadOnlyList<string> Decode(byte[] bytes)
    {
        var body = new BodyReader(bytes);
        var values = new List<string>();
        foreach (var value in Values)
        {
            values.Add(ReadValue(ref body, value));
        }

        body.End();
        return values;
    }

    public override string ToString() => $"{From}: {Op}, request {Request}";

    private static FrameExample Read(string block)
    {
        var header = new Dictionary<string, string>();
        var values = new List<FrameValue>();
        var hex = string.Empty;
        foreach (var line in block.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, rest) = (line[..9].Trim(), line[9..]);
            switch (key)
            {
                case "hex":
                    hex += rest.Replace(" ", string.Empty);
                    break;
                case "from" or "op" or "flags" or "queue" or "request":
                    header.Add(key, rest);
                    break;
                default:
                    var kind = key.TrimEnd('~');
                    values.Add(new FrameValue(kind, ValueIn(kind, rest), key.EndsWith('~')));
                    break;
            }
        }

        return new FrameExample(
            header["from"],
            Enum.Parse<Op>(header["op"]),
            byte.Parse(header["flags"], CultureInfo.InvariantCulture),
            uint.Parse(header["queue"], CultureInfo.InvariantCulture),
            ulong.Parse(header["request"], CultureInfo.InvariantCulture),
            values,
            hex);
    }

    /// <summary>Behind the value there may be words about it.</summary>
    private static string ValueIn(string kind, string line) => kind == "text"
        ? JsonSerializer.Deserialize<string>(Quoted().Match(line).Value)!
        : line.Split("  ")[0];

    private static void Write(OutBuffer to, FrameValue value)
    {
        switch (value.Kind)
        {
            case "u8":
                to.Byte(byte.Parse(value.Text, CultureInfo.InvariantCulture));
                break;
            case "u16":
                to.UInt16(ushort.Parse(value.Text, CultureInfo.InvariantCulture));
                break;
            case "u32":
                to.UInt32(uint.Parse(value.Text, CultureInfo.InvariantCulture));
                break;
            case "u64":
                to.UInt64(ulong.Parse(value.Text, CultureInfo.InvariantCulture));
                break;
            case "i32":
                to.Int32(int.Parse(value.Text, CultureInfo.InvariantCulture));
                break;
            case "i64":
                to.Int64(long.Parse(value.Text, CultureInfo.InvariantCulture));
                break;
            case "text":
                to.Text(value.Text);
                break;
            case "bytes":
                to.Copy(Convert.FromHexString(value.Text.Replace(" ", string.Empty)));
                break;
            default:
                throw new FormatException($"'{value.Kind}' is no kind of value.");
        }
    }

    private static string ReadValue(ref BodyReader body, FrameValue value) => value.Kind switch
    {
        "u8" => body.Byte().ToString(CultureInfo.InvariantCulture),
        "u16" => body.UInt16().ToString(CultureInfo.InvariantCulture),
        "u32" => body.UInt32().ToString(CultureInfo.InvariantCulture),
        "u64" => body.UInt64().ToString(CultureInfo.InvariantCulture),
        "i32" => body.Int32().ToString(CultureInfo.InvariantCulture),
        "i64" => body.Int64().ToString(CultureInfo.InvariantCulture),
        "text" => body.Text(),
        "bytes" => Convert.ToHexString(body.Take(value.Text.Split(' ').Length)).Chunk(2).Select(pair => new string(pair)).Aggregate((a, b) => $"{a} {b}"),
        _ => throw new FormatException($"'{value.Kind}' is no kind of value."),
    };

    [GeneratedRegex(@"^```frame\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex(@"^""(?:[^""\\]|\\.)*""")]
    private static partial Regex Quoted();
}
