using System.Buffers;
using System.Text;

namespace QueueIpc.Cli.Items;

/// <summary>An item for another program: a MessagePack string as its text, other MessagePack as JSON, anything else as the bytes that it is. Nothing is escaped.</summary>
internal static class ItemArgument
{
    public static byte[] BytesOf(byte[]? item)
    {
        if (item is null)
        {
            return "null"u8.ToArray();
        }

        if (MessagePackText.TryRead(item, out var text))
        {
            return text.ToArray();
        }

        var json = new ArrayBufferWriter<byte>();
        return MessagePackJson.TryWrite(item, json) ? json.WrittenSpan.ToArray() : item;
    }

    public static string Of(byte[]? item) => Encoding.UTF8.GetString(BytesOf(item));
}
