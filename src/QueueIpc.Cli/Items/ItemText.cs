using System.Buffers;
using System.Text;
using QueueIpc.Cli.Output;

namespace QueueIpc.Cli.Items;

/// <summary>
/// An item as one line of text: a MessagePack string as its text, other MessagePack as JSON, anything else as the text that it is.
/// Control and format characters are escaped, so that no item makes two lines, or commands for a terminal, or looks like another.
/// </summary>
internal static class ItemText
{
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 0x20).Where(c => c != '\t').Select(c => (byte)c), 0x7F]);

    public static void Write(byte[]? item, IBufferWriter<byte> to)
    {
        if (item is null)
        {
            to.Write("null"u8);
        }
        else if (MessagePackText.TryRead(item, out var text))
        {
            WriteEscaped(text, to);
        }
        else
        {
            // Of what is escaped here, JSON lets the format characters pass.
            var json = new ArrayBufferWriter<byte>();
            WriteEscaped(MessagePackJson.TryWrite(item, json) ? json.WrittenSpan : item, to);
        }
    }

    public static string Of(byte[]? item)
    {
        var line = new ArrayBufferWriter<byte>();
        Write(item, line);
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }

    private static void WriteEscaped(ReadOnlySpan<byte> text, IBufferWriter<byte> to)
    {
        if (Ascii.IsValid(text) && !text.ContainsAny(Controls))
        {
            to.Write(text);
            return;
        }

        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out var bytes);
            if (status != OperationStatus.Done)
            {
                foreach (var value in text[..bytes])
                {
                    WriteAscii($"\\x{value:x2}", to);
                }
            }
            else if (Escapes.IsNeeded(rune))
            {
                WriteAscii(Escapes.Of(rune), to);
            }
            else
            {
                to.Write(text[..bytes]);
            }

            text = text[bytes..];
        }
    }

    private static void WriteAscii(string text, IBufferWriter<byte> to) => Encoding.ASCII.GetBytes(text, to);
}
