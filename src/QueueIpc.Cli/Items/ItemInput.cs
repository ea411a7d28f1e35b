using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Items;

/// <summary>What a line of input means as an item.</summary>
internal enum InputForm
{
    /// <summary>A MessagePack string: what an IpcQueue of strings reads.</summary>
    Text,

    /// <summary>JSON, stored as MessagePack.</summary>
    Json,

    /// <summary>Bytes as they are.</summary>
    Raw,
}

/// <summary>Makes items of lines.</summary>
internal sealed class ItemInput(InputForm form)
{
    /// <summary>How many items were made.</summary>
    public long Count { get; private set; }

    public async IAsyncEnumerable<byte[]?> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var line in new InputLines(input).ReadAsync(ct))
        {
            yield return ItemOf(form == InputForm.Raw ? line.Span : WithoutReturn(WithoutMark(line.Span)), $"line {Count + 1}");
            Count++;
        }
    }

    public byte[]? ItemOf(ReadOnlySpan<byte> line, string what)
    {
        switch (form)
        {
            case InputForm.Text:
                return Utf8.IsValid(line) ? MessagePackText.Pack(line) : throw new UsageException($"{what} is not UTF-8. Say --raw to put bytes as they are.");
            case InputForm.Json:
                try
                {
                    return MessagePackJson.Pack(line);
                }
                catch (JsonException e)
                {
                    throw new UsageException($"{what} is no JSON: {ProblemOf(line, e)}");
                }

            default:
                return line.ToArray();
        }
    }

    /// <summary>What is wrong with it, and where, in the words of JSON and not of its reader.</summary>
    private static string ProblemOf(ReadOnlySpan<byte> json, JsonException e)
    {
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            return "nothing is there.";
        }

        var at = e.LineNumber > 0 ? $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}" : $"byte {e.BytePositionInLine + 1}";
        return $"{e.Message.Split(" LineNumber:")[0].TrimEnd('.')} (at {at}).";
    }

    /// <summary>Some editors put a byte order mark in front of the first line.</summary>
    private ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> line) => Count == 0 && line.StartsWith("\uFEFF"u8) ? line[3..] : line;

    /// <summary>Files of Windows end their lines with two characters.</summary>
    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.., (byte)'\r'] ? line[..^1] : line;
}
