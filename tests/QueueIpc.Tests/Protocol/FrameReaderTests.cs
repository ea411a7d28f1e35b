using CsCheck;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

public sealed class FrameReaderTests
{
    private const int BodyBytesMax = 100_000;

    [Fact]
    public void EveryFrame_OfAllKindsOfTheProtocol_HasAnExample()
    {
        Assert.Equal(Enum.GetValues<Op>(), EveryFrame.All.Select(frame => frame.Op).Distinct().Order());
    }

    [Fact]
    public void Case49_TryRead_SequenceCutAtEveryByte_DecodesAlike()
    {
        var bytes = EveryFrame.AllBytes;
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var reader = new FrameReader(BodyBytesMax);
            var frames = WireFrame.Feed(reader, bytes.AsSpan(0, cut));
            frames.AddRange(WireFrame.Feed(reader, bytes.AsSpan(cut)));

            Assert.Equal(EveryFrame.All, frames);
            Assert.False(reader.IsInsideFrame);
        }
    }

    [Fact]
    public void Case49_TryRead_OneByteAtATime_DecodesAlike()
    {
        var reader = new FrameReader(BodyBytesMax);
        var frames = EveryFrame.AllBytes.SelectMany(value => WireFrame.Feed(reader, [value]));

        Assert.Equal(EveryFrame.All, frames);
    }

    [Fact]
    public void Case49_TryRead_RandomFramesInRandomPieces_DecodesAlike()
    {
        var gen = Gen.Select(GenFrame.Array[1, 12], Gen.Int[1, 90_000].Array[1, 40]);

        gen.Sample(
            (frames, pieces) =>
            {
                var bytes = frames.SelectMany(frame => frame.ToBytes()).ToArray();
                var reader = new FrameReader(BodyBytesMax);
                var read = new List<WireFrame>();
                for (int at = 0, i = 0; at < bytes.Length; i++)
                {
                    var count = Math.Min(pieces[i % pieces.Length], bytes.Length - at);
                    read.AddRange(WireFrame.Feed(reader, bytes.AsSpan(at, count)));
                    at += count;
                }

                return read.SequenceEqual(frames) && !reader.IsInsideFrame;
            },
            iter: 500);
    }

    [Fact]
    public void Case49_TryRead_FrameTruncatedAtEveryByte_IsNotWholeYet()
    {
        foreach (var frame in EveryFrame.All)
        {
            var bytes = frame.ToBytes();
            for (var length = 0; length < bytes.Length; length++)
            {
                var reader = new FrameReader(BodyBytesMax);

                Assert.Empty(WireFrame.Feed(reader, bytes.AsSpan(0, length)));
                Assert.Equal(length > 0, reader.IsInsideFrame);
            }
        }
    }

    [Fact]
    public void Case49_TryRead_AnyBytesAtAll_IsAFrameOrNotYetOrAProtocolError()
    {
        Gen.Byte.Array[0, 300].Sample(
            bytes =>
            {
                try
                {
                    WireFrame.Feed(new FrameReader(200), bytes);
                }
                catch (ProtocolException e)
                {
                    Assert.Contains(e.Code, new[] { ErrorCode.FrameTooLarge, ErrorCode.BadFrame });
                }
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(99u)]
    [InlineData(100u)]
    public void TryRead_BodyWithinTheLimit_IsRead(uint bodyBytes)
    {
        var reader = new FrameReader(bodyBytesMax: 100);

        var frames = WireFrame.Feed(reader, [.. HeaderSaying(bodyBytes), .. new byte[bodyBytes]]);

        Assert.Equal((int)bodyBytes, Assert.Single(frames).Body.Length);
    }

    [Theory]
    [InlineData(101u)]
    [InlineData(int.MaxValue)]
    [InlineData(1u << 31)]
    [InlineData(uint.MaxValue)]
    public void TryRead_BodyBeyondTheLimit_IsRefusedByItsHeaderAlone(uint bodyBytes)
    {
        var reader = new FrameReader(bodyBytesMax: 100);

        var error = Assert.Throws<ProtocolException>(() => WireFrame.Feed(reader, HeaderSaying(bodyBytes)));

        Assert.Equal(ErrorCode.FrameTooLarge, error.Code);
        Assert.Contains(bodyBytes.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public void TryRead_ReservedByteIsNotZero_IsABadFrame(int at)
    {
        var header = HeaderSaying(0);
        header[at] = 1;

        var error = Assert.Throws<ProtocolException>(() => WireFrame.Feed(new FrameReader(100), header));

        Assert.Equal(ErrorCode.BadFrame, error.Code);
    }

    [Fact]
    public void TryRead_LimitRaisedBetweenFrames_HoldsForTheNextFrame()
    {
        var reader = new FrameReader(bodyBytesMax: 10);
        var large = WireFrame.Make(Op.Get, 1, 2, write: to => to.Copy(new byte[11]));

        var first = WireFrame.Feed(reader, WireFrame.Make(Op.Info, 1, 1).ToBytes());
        reader.BodyBytesMax = 11;
        var second = WireFrame.Feed(reader, large.ToBytes());

        Assert.Single(first);
        Assert.Equal(large, Assert.Single(second));
    }

    [Fact]
    public void FreeSpace_LargeBodyAnnouncedAndNotSent_CostsNoMoreThanAUsualBuffer()
    {
        var reader = new FrameReader(int.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();

        WireFrame.Feed(reader, HeaderSaying(int.MaxValue));
        for (var i = 0; i < 1000; i++)
        {
            WireFrame.Feed(reader, [0]);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void FreeSpace_BytesOfOneLargeFrameArrive_MemoryIsInProportionToThem()
    {
        Gen.Int[1, 2_000_000].Sample(
            arrived =>
            {
                var reader = new FrameReader(int.MaxValue);
                HeaderSaying(int.MaxValue).CopyTo(reader.FreeSpace());
                reader.Received(FrameHeader.Size);
                var largest = 0;
                for (var rest = arrived; rest > 0;)
                {
                    var space = reader.FreeSpace();
                    Assert.False(space.IsEmpty);
                    var count = Math.Min(space.Length, rest);
                    reader.Received(count);
                    rest -= count;
                    largest = Math.Max(largest, space.Length);
                }

                return !reader.TryRead(out _, out _) && largest <= Math.Max(64 * 1024, 4 * arrived);
            },
            iter: 50);
    }

    [Theory]
    [InlineData(1, 64 * 1024)]
    [InlineData(64 * 1024, 128 * 1024)]
    [InlineData(1 << 29, 1 << 30)]
    [InlineData(1 << 30, 0x7FFFFFC7)]
    public void Grown_BufferOfASize_DoublesAsFarAsAnArrayCan(int bytes, int expected)
    {
        Assert.Equal(expected, FrameReader.Grown(bytes));
    }

    [Theory]
    [InlineData(500_000, 65_536, 500_000)]
    [InlineData(1_048_601, 65_536, 262_144)]
    [InlineData(1_048_601, 262_144, 1_048_601)]
    [InlineData(int.MaxValue + 20L, 65_536, 262_144)]
    [InlineData(int.MaxValue + 20L, 1 << 29, 0x7FFFFFC7)]
    public void GrownFor_FrameOfWhichSomeArrived_AllOfItIfThatIsNearElseFourTimesWhatIsHere(long frame, int arrived, int expected)
    {
        Assert.Equal(expected, FrameReader.GrownFor(frame, arrived));
    }

    [Fact]
    public void FreeSpace_FrameOfAMebibyteArrives_HasRoomForItFromTheFourthBufferOn()
    {
        var reader = new FrameReader(int.MaxValue);
        HeaderSaying(1 << 20).CopyTo(reader.FreeSpace());
        reader.Received(FrameHeader.Size);
        var filled = 0;
        while (!reader.TryRead(out _, out _))
        {
            reader.Received(Math.Min(reader.FreeSpace().Length, (1 << 20) + FrameHeader.Size));
            filled++;
        }

        // The first one of 4 KiB, one of 64 KiB, one of 256 KiB, and the one that has room for it.
        Assert.Equal(4, filled);
    }

    [Fact]
    public void FreeSpace_BehindAHeaderThatWasRefused_IsThereAllTheSame()
    {
        var reader = new FrameReader(1 << 20);
        WireFrame.Feed(reader, HeaderSaying(0));
        HeaderSaying(1 << 21).CopyTo(reader.FreeSpace());
        reader.Received(FrameHeader.Size);
        Assert.Throws<ProtocolException>(() => reader.TryRead(out _, out _));

        for (var i = 0; i < 10; i++)
        {
            reader.Received(reader.FreeSpace().Length);
        }

        Assert.NotEqual(0, reader.FreeSpace().Length);
    }

    private static Gen<WireFrame> GenFrame => Gen.Select(
        Gen.Byte, Gen.Byte, Gen.UInt, Gen.ULong, Gen.OneOf(Gen.Int[0, 100], Gen.Int[0, 5000], Gen.Int[60_000, 90_000]), Gen.Byte,
        (op, flags, queue, request, bytes, fill) =>
            new WireFrame((Op)op, flags, queue, request, Convert.ToHexString(Enumerable.Repeat(fill, bytes).ToArray())));

    private static byte[] HeaderSaying(uint bodyBytes)
    {
        var header = new byte[FrameHeader.Size];
        new FrameHeader(0, Op.Info, 0, 1, 2).Write(header);
        BitConverter.TryWriteBytes(header, bodyBytes);
        return header;
    }
}
