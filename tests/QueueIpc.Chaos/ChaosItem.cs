using System.Buffers;
using System.Buffers.Binary;
using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos;

/// <summary>An item that says who put it where, and as the how-manieth. Its filling follows from that, so that every byte can be checked.</summary>
internal sealed record ChaosItem(int Producer, int Index, byte Queue)
{
    private const int HeaderBytes = 9;
    private const int FillingBytesMax = 300_000;

    /// <summary>Of this, every filling is a part. To make each anew would be most of the work of these processes.</summary>
    private static readonly byte[] Noise = MakeNoise(2 * FillingBytesMax);

    /// <summary>Most are small, some have a few kilobytes, and one in a hundred has so many that it never fits into a pipe at once.</summary>
    private int FillingBytes => new Random((Producer * 1_000_003) ^ Index) is var random && random.Next(100) is var kind && kind == 0
        ? random.Next(100_000, FillingBytesMax)
        : random.Next(kind < 10 ? 8192 : 200);

    public void Write(IBufferWriter<byte> writer)
    {
        var filling = FillingBytes;
        var span = writer.GetSpan(HeaderBytes + filling)[..(HeaderBytes + filling)];
        BinaryPrimitives.WriteInt32LittleEndian(span, Producer);
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], Index);
        span[8] = Queue;
        Noise.AsSpan((int)((uint)(Index ^ (Producer << 16)) * 7919u % FillingBytesMax), filling).CopyTo(span[HeaderBytes..]);
        writer.Advance(span.Length);
    }

    public static ChaosItem Read(ReadOnlySpan<byte> bytes, out bool isIntact)
    {
        var item = new ChaosItem(BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), bytes[8]);
        var expected = new ArrayBufferWriter<byte>(bytes.Length);
        item.Write(expected);
        isIntact = bytes.SequenceEqual(expected.WrittenSpan);
        return item;
    }

    private static byte[] MakeNoise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        return noise;
    }
}

/// <summary>
/// Writes down what the library reads, before the library can confirm it: an item that dies with its process, between the confirmation
/// and the return of Get, is known by its name.
/// </summary>
internal sealed class WitnessSerializer(LedgerWriter ledger) : IQueueSerializer
{
    /// <summary>The connection, or enumeration, that reads now.</summary>
    public int Connection { get; set; }

    public void Serialize<T>(IBufferWriter<byte> writer, T item) => ((ChaosItem)(object)item!).Write(writer);

    public T Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        var item = ChaosItem.Read(bytes.Span, out var isIntact);
        ledger.Write(new Entry(Act.Seen, Connection) { Micros = isIntact ? 0 : 1 }.Of(item));
        return (T)(object)item;
    }
}
