using System.Buffers;
using MessagePack;

namespace QueueIpc.Tests.Items;

/// <summary>Items as other libraries write them: read as values and written again, in the shortest form, or as JavaScript has numbers.</summary>
internal static class OtherWriter
{
    private const double ExactMax = 1L << 53;

    /// <summary>Each number in its shortest form.</summary>
    public static byte[] Shortest(byte[] bytes) => Write(bytes, asJavaScript: false);

    /// <summary>Whole floats as integers; integers beyond 32 bits as floats, where those are exact.</summary>
    public static byte[] AsJavaScript(byte[] bytes) => Write(bytes, asJavaScript: true);

    private static byte[] Write(byte[] bytes, bool asJavaScript)
    {
        var to = new ArrayBufferWriter<byte>();
        var reader = new MessagePackReader(bytes);
        var writer = new MessagePackWriter(to);
        Copy(ref reader, ref writer, asJavaScript);
        writer.Flush();
        return to.WrittenSpan.ToArray();
    }

    private static void Copy(ref MessagePackReader reader, ref MessagePackWriter writer, bool asJavaScript)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64:
                writer.Write(reader.ReadUInt64());
                break;
            case MessagePackType.Integer:
                var integer = reader.ReadInt64();
                if (asJavaScript && Math.Abs(integer) > uint.MaxValue && Math.Abs(integer) <= ExactMax)
                {
                    writer.Write((double)integer);
                    break;
                }

                writer.Write(integer);
                break;
            case MessagePackType.Float when reader.NextCode == MessagePackCode.Float32:
                writer.Write(reader.ReadSingle());
                break;
            case MessagePackType.Float:
                var number = reader.ReadDouble();
                if (asJavaScript && number == Math.Floor(number) && Math.Abs(number) <= uint.MaxValue && !double.IsNegative(number))
                {
                    writer.Write((long)number);
                    break;
                }

                writer.Write(number);
                break;
            case MessagePackType.Array:
                var items = reader.ReadArrayHeader();
                writer.WriteArrayHeader(items);
                for (; items > 0; items--)
                {
                    Copy(ref reader, ref writer, asJavaScript);
                }

                break;
            case MessagePackType.Map:
                var entries = reader.ReadMapHeader();
                writer.WriteMapHeader(entries);
                for (; entries > 0; entries--)
                {
                    Copy(ref reader, ref writer, asJavaScript);
                    Copy(ref reader, ref writer, asJavaScript);
                }

                break;
            default:
                writer.WriteRaw(reader.ReadRaw());
                break;
        }
    }
}
