using System.Buffers.Binary;
using QueueIpc.Protocol;

namespace QueueIpc.Fuzz;

/// <summary>Changes good frames a little: what a decoder that believes something gets wrong.</summary>
internal sealed class Mutation(Random random, IReadOnlyList<byte[]> frames)
{
    private static readonly ulong[] Numbers =
        [0, 1, 2, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, long.MaxValue, 1ul << 63, ulong.MaxValue, 0x1_0000_0000];

    /// <summary>One to three frames; at least one of them is not as it was.</summary>
    public byte[] Next(out int count)
    {
        count = random.Next(1, 4);
        var bad = random.Next(count);
        return [.. Enumerable.Range(0, count).SelectMany(i => i == bad ? Changed() : Any())];
    }

    private byte[] Changed()
    {
        var frame = Any();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            frame = Change(frame);
        }

        if (random.Next(3) > 0)
        {
            // The length is right, so that what is wrong is found by whoever reads the body.
            BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - FrameHeader.Size);
        }

        return frame;
    }

    private byte[] Change(byte[] frame)
    {
        var at = random.Next(frame.Length);
        switch (random.Next(6))
        {
            case 0:
                frame[at] ^= (byte)(1 << random.Next(8));
                return frame;
            case 1:
                frame[at] = (byte)random.Next(256);
                return frame;
            case 2:
                var number = BitConverter.GetBytes(Numbers[random.Next(Numbers.Length)]);
                number.AsSpan(0, Math.Min(1 << random.Next(4), frame.Length - at)).CopyTo(frame.AsSpan(at));
                return frame;
            case 3:
                return frame[..Math.Max(FrameHeader.Size, at)];
            case 4:
                var more = new byte[random.Next(1, 40)];
                random.NextBytes(more);
                return [.. frame, .. more];
            default:
                // Another request with the body of this one.
                frame[4] = Any()[4];
                return frame;
        }
    }

    private byte[] Any() => (byte[])frames[random.Next(frames.Count)].Clone();
}
