using System.Buffers;
using System.Buffers.Binary;

namespace QueueIpc.Tests.Simulation;

/// <summary>An item that nobody else has put: its number, and bytes that follow from it. One kind cannot be read.</summary>
internal sealed record SimulatedItem(long Id, int FillerBytes, bool IsPoison = false)
{
    private const int HeadBytes = sizeof(long) + 1;

    public int Bytes => HeadBytes + FillerBytes;

    public static long IdOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    /// <summary>How these items travel.</summary>
    internal sealed class Serializer : IQueueSerializer
    {
        public static Serializer Instance { get; } = new();

        public void Serialize<T>(IBufferWriter<byte> writer, T item)
        {
            var (id, fillerBytes, isPoison) = (SimulatedItem)(object)item!;
            var span = writer.GetSpan(HeadBytes + fillerBytes)[..(HeadBytes + fillerBytes)];
            BinaryPrimitives.WriteInt64LittleEndian(span, id);
            span[sizeof(long)] = isPoison ? (byte)1 : (byte)0;
            span[HeadBytes..].Fill((byte)id);
            writer.Advance(span.Length);
        }

        public T Deserialize<T>(ReadOnlyMemory<byte> bytes)
        {
            var span = bytes.Span;
            var id = IdOf(span);
            if (span[HeadBytes..].ContainsAnyExcept((byte)id))
            {
                throw new InvalidOperationException($"Item {id} is not what was put");
            }

            return span[sizeof(long)] == 0
                ? (T)(object)new SimulatedItem(id, span.Length - HeadBytes)
                : throw new InvalidDataException("poison");
        }
    }
}
