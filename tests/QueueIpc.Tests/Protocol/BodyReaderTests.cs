using System.Text;
using CsCheck;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

public sealed class BodyReaderTests
{
    private delegate void Reading(ref BodyReader body);

    [Fact]
    public void Case49_Values_TruncatedAtEveryByte_AreABadFrame()
    {
        (Action<OutBuffer> Write, Reading Read)[] values =
        [
            (to => to.Byte(1), (ref body) => body.Byte()),
            (to => to.Bool(true), (ref body) => body.Bool()),
            (to => to.UInt16(1), (ref body) => body.UInt16()),
            (to => to.Int32(1), (ref body) => body.Int32()),
            (to => to.UInt32(1), (ref body) => body.UInt32()),
            (to => to.Int64(1), (ref body) => body.Int64()),
            (to => to.UInt64(1), (ref body) => body.UInt64()),
            (to => to.Text("数据"), (ref body) => body.Text()),
            (to => EveryFrame.Items(to, withTokens: false, [1, 2, 3]), (ref body) => { body.Count(4); body.Item(out _); }),
        ];

        foreach (var (write, read) in values)
        {
            var whole = WireFrame.Make(Op.Put, 1, 1, write: write).Body;
            Assert.Null(CodeOf(whole, read));
            for (var length = 0; length < whole.Length; length++)
            {
                Assert.Equal(ErrorCode.BadFrame, CodeOf(whole[..length], read));
            }
        }
    }

    [Fact]
    public void Numbers_AnyValues_AreReadAsTheyWereWritten()
    {
        Gen.Select(Gen.Byte, Gen.Bool, Gen.UShort, Gen.Int, Gen.UInt, Gen.Long, Gen.ULong, Gen.String).Sample(
            (b, truth, u16, i32, u32, i64, u64, text) =>
            {
                text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
                var body = new BodyReader(WireFrame.Make(Op.Put, 1, 1, write: to =>
                {
                    to.Byte(b);
                    to.Bool(truth);
                    to.UInt16(u16);
                    to.Int32(i32);
                    to.UInt32(u32);
                    to.Int64(i64);
                    to.UInt64(u64);
                    to.Text(text);
                }).Body);
                var same = body.Byte() == b && body.Bool() == truth && body.UInt16() == u16 && body.Int32() == i32
                    && body.UInt32() == u32 && body.Int64() == i64 && body.UInt64() == u64 && body.Text() == text;
                body.End();
                return same;
            });
    }

    [Theory]
    [InlineData(2)]
    [InlineData(255)]
    public void Bool_NeitherZeroNorOne_IsABadFrame(byte value)
    {
        Assert.Equal(ErrorCode.BadFrame, CodeOf([value], (ref body) => body.Bool()));
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("C080")]
    [InlineData("EDA080")]
    [InlineData("F8888080")]
    [InlineData("E695")]
    public void Text_NotUtf8_IsABadFrame(string hex)
    {
        var text = Convert.FromHexString(hex);

        Assert.Equal(ErrorCode.BadFrame, CodeOf([(byte)text.Length, 0, .. text], (ref body) => body.Text()));
    }

    [Theory]
    [InlineData(3u, 4, ErrorCode.BadFrame)]
    [InlineData(2u, 4, null)]
    [InlineData(8u, 1, null)]
    [InlineData(9u, 1, ErrorCode.BadFrame)]
    [InlineData(uint.MaxValue, 1, ErrorCode.BadFrame)]
    [InlineData(1u << 31, 4, ErrorCode.BadFrame)]
    [InlineData(1u << 30, 4, ErrorCode.BadFrame)]
    public void Count_MoreThanTheFrameHasRoomFor_IsABadFrame(uint count, int bytesEach, object? expected)
    {
        Assert.Equal((ErrorCode?)expected, CodeOf([.. BitConverter.GetBytes(count), .. new byte[8]], (ref body) => body.Count(bytesEach)));
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, null)]
    [InlineData(2, null)]
    [InlineData(3, ErrorCode.BadFrame)]
    [InlineData(-2, ErrorCode.BadFrame)]
    [InlineData(int.MinValue, ErrorCode.BadFrame)]
    [InlineData(int.MaxValue, ErrorCode.BadFrame)]
    public void Item_LengthThatCannotBe_IsABadFrame(int length, object? expected)
    {
        Assert.Equal((ErrorCode?)expected, CodeOf([.. BitConverter.GetBytes(length), 1, 2], (ref body) => body.Item(out _)));
    }

    [Fact]
    public void Item_NullAndEmpty_AreTwoDifferentThings()
    {
        var body = new BodyReader(WireFrame.Make(Op.Put, 1, 1, write: to => EveryFrame.Items(to, withTokens: false, null, [])).Body);
        body.Count(4);

        var nullBytes = body.Item(out var nullLength).Length;
        var emptyBytes = body.Item(out var emptyLength).Length;
        body.End();

        Assert.Equal((0, Item.NullLength, 0, 0), (nullBytes, nullLength, emptyBytes, emptyLength));
    }

    [Fact]
    public void End_BytesLeftOver_IsABadFrame()
    {
        Assert.Null(CodeOf([], (ref body) => body.End()));
        Assert.Equal(ErrorCode.BadFrame, CodeOf([0], (ref body) => body.End()));
    }

    private static ErrorCode? CodeOf(byte[] bytes, Reading read)
    {
        var body = new BodyReader(bytes);
        try
        {
            read(ref body);
            return null;
        }
        catch (ProtocolException e)
        {
            return e.Code;
        }
    }
}
