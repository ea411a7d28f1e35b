using System.Buffers.Binary;
using System.Text.Unicode;

namespace QueueIpc.Cli.Items;

/// <summary>Text as a MessagePack string: what a queue of strings has in it. By hand, since it is done for every line of a pipeline.</summary>
internal static class MessagePackText
{
    private const byte FixString = 0xA0;
    private const byte FixStringMax = 31;
    private const byte String8 = 0xD9;
    private const byte String16 = 0xDA;
    private const byte String32 = 0xDB;

    /// <summary>The item that has this text (UTF-8).</summary>
    public static byte[] Pack(ReadOnlySpan<byte> text)
    {
        var header = text.Length <= FixStringMax ? 1 : text.Length <= byte.MaxValue ? 2 : text.Length <= ushort.MaxValue ? 3 : 5;
        var item = GC.AllocateUninitializedArray<byte>(header + text.Length);
        switch (header)
        {
            case 1:
                item[0] = (byte)(FixString | text.Length);
                break;
            case 2:
                (item[0], item[1]) = (String8, (byte)text.Length);
                break;
            case 3:
                item[0] = String16;
                BinaryPrimitives.WriteUInt16BigEndian(item.AsSpan(1), (ushort)text.Length);
                break;
            default:
                item[0] = String32;
                BinaryPrimitives.WriteInt32BigEndian(item.AsSpan(1), text.Length);
                break;
        }

        text.CopyTo(item.AsSpan(header));
        return item;
    }

    /// <summary>The text, if the item is one MessagePack string and nothing else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> item, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (item.IsEmpty)
        {
            return false;
        }

        var (header, length) = item[0] switch
        {
            >= FixString and <= FixString + FixStringMax => (1, item[0] - FixString),
            String8 when item.Length >= 2 => (2, item[1]),
            String16 when item.Length >= 3 => (3, BinaryPrimitives.ReadUInt16BigEndian(item[1..])),
            String32 when item.Length >= 5 => (5, BinaryPrimitives.ReadInt32BigEndian(item[1..])),
            _ => (0, -1),
        };
        if (length != item.Length - header || header == 0)
        {
            return false;
        }

        text = item[header..];
        return Utf8.IsValid(text);
    }
}
