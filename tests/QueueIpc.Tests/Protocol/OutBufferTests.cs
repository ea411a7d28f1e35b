using CsCheck;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

public sealed class OutBufferTests
{
    /// <summary>From this size on an appended array is pointed at.</summary>
    private const int LargeBytes = 16 * 1024;

    [Fact]
    public void Segments_RandomFramesOfCopiedAndReferencedParts_AreTheFramesInOrder()
    {
        var genPart = Gen.Select(Gen.Bool, Gen.OneOf(Gen.Int[0, 50], Gen.Int[0, 40_000]), Gen.Byte);
        var gen = Gen.Select(Gen.Byte, Gen.ULong, genPart.Array[0, 8]).Array[1, 10].Array[1, 3];

        gen.Sample(
            rounds =>
            {
                var buffer = new OutBuffer();
                return rounds.All(frames =>
                {
                    var expected = new List<WireFrame>();
                    foreach (var (op, request, parts) in frames)
                    {
                        var body = new List<byte>();
                        buffer.BeginFrame((Op)op, 5, request, flags: 1);
                        foreach (var (append, bytes, fill) in parts)
                        {
                            var part = Enumerable.Repeat(fill, bytes).ToArray();
                            body.AddRange(part);
                            if (append)
                            {
                                buffer.Append(part, 0, bytes);
                            }
                            else
                            {
                                buffer.Copy(part);
                            }
                        }

                        buffer.EndFrame();
                        expected.Add(new WireFrame((Op)op, 1, 5, request, Convert.ToHexString([.. body])));
                    }

                    var written = WireFrame.BytesOf(buffer);
                    var isRight = written.Length == buffer.Bytes && WireFrame.ReadAll(written).SequenceEqual(expected);
                    buffer.Clear();
                    return isRight && buffer.IsEmpty && buffer.CopiedBytes == 0;
                });
            },
            iter: 200);
    }

    [Fact]
    public void Copy_FiveMebibytesInOneFrame_LieInPiecesThatAreNotCopiedAgain()
    {
        var buffer = new OutBuffer();
        var before = GC.GetAllocatedBytesForCurrentThread();
        buffer.BeginFrame(Op.QueueInfos, 0, 7);
        for (var i = 0; i < 5 * 1024; i++)
        {
            buffer.Copy(Enumerable.Repeat((byte)i, 1024).ToArray());
        }

        buffer.EndFrame();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 15 * 1024 * 1024);
        Assert.All(buffer.Segments(), segment => Assert.InRange(segment.Count, 1, 2 * 1024 * 1024));
        var frame = Assert.Single(WireFrame.ReadAll(WireFrame.BytesOf(buffer)));
        Assert.All(frame.Body.Chunk(1024).Select((part, i) => (part, i)), it => Assert.Equal((byte)it.i, Assert.Single(it.part.Distinct())));
    }

    [Fact]
    public void Append_LargeArray_IsPointedAtAndNotCopied()
    {
        var buffer = new OutBuffer();
        var large = new byte[LargeBytes];

        buffer.BeginFrame(Op.Put, 1, 1);
        buffer.Append(large, 0, large.Length);
        buffer.EndFrame();

        Assert.Same(large, buffer.Segments()[1].Array);
        Assert.Equal(FrameHeader.Size, buffer.CopiedBytes);
        Assert.Equal(FrameHeader.Size + LargeBytes, buffer.Bytes);
    }

    [Fact]
    public void Append_SmallArray_MayBeChangedAfterwards()
    {
        var buffer = new OutBuffer();
        var small = new byte[LargeBytes - 1];

        buffer.BeginFrame(Op.Put, 1, 1);
        buffer.Append(small, 0, small.Length);
        buffer.EndFrame();
        Array.Fill(small, (byte)9);

        Assert.DoesNotContain((byte)9, WireFrame.ReadAll(WireFrame.BytesOf(buffer))[0].Body);
    }

    [Fact]
    public void Text_OfTheLongestKinds_FitsItsLength()
    {
        var reason = new string('语', ProtocolLimits.ReasonCharsMax);

        var frame = WireFrame.Make(Op.RejectNext, 1, 1, write: to => to.Text(reason));

        Assert.Equal(reason, new BodyReader(frame.Body).Text());
    }
}
