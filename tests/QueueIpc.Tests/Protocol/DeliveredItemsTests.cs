using CsCheck;
using QueueIpc.Client;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

public sealed class DeliveredItemsTests
{
    [Fact]
    public void Next_AnyItems_AreReadAsTheyWereWritten()
    {
        Gen.Select(Gen.Bool, Gen.Byte.Array[0, 20].Null().Array[0, 10]).Sample((withTokens, items) =>
        {
            var read = ReadAll(BodyOf(withTokens, items), withTokens);
            return read.Count == items.Length
                && read.Zip(items).All(pair => pair.First.IsNull == pair.Second is null && pair.First.Bytes.Span.SequenceEqual(pair.Second))
                && read.Select((item, i) => item.Token == (withTokens ? 0x1_0000_0000ul + (uint)i : 0)).All(right => right)
                && read.All(item => item.Failures == (withTokens ? 3 : 0));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Case49_Next_BodyTruncatedAtEveryByte_IsABadFrame(bool withTokens)
    {
        var body = BodyOf(withTokens, [1, 2, 3], null, [4]);
        for (var length = 0; length < body.Length; length++)
        {
            var error = Assert.Throws<ProtocolException>(() => ReadAll(body[..length], withTokens));
            Assert.Equal(ErrorCode.BadFrame, error.Code);
        }
    }

    [Theory]
    [InlineData(1u, true)]
    [InlineData(1u, false)]
    [InlineData(1u << 31, true)]
    [InlineData(uint.MaxValue, false)]
    public void Constructor_CountBeyondTheFrame_IsABadFrame(uint count, bool withTokens)
    {
        var body = BitConverter.GetBytes(count);

        var error = Assert.Throws<ProtocolException>(() => new DeliveredItems(body, body.Length, withTokens, version: 1));

        Assert.Equal(ErrorCode.BadFrame, error.Code);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(5)]
    public void Next_ItemLengthThatCannotBe_IsABadFrame(int length)
    {
        byte[] body = [1, 0, 0, 0, .. BitConverter.GetBytes(length), 1, 2, 3, 4];

        Assert.Throws<ProtocolException>(() => ReadAll(body, withTokens: false));
    }

    [Fact]
    public void Next_BufferLongerThanTheBody_NeverReadsBehindTheBody()
    {
        var body = BodyOf(withTokens: false, [1, 2, 3]);
        byte[] buffer = [.. body, .. new byte[100]];

        Assert.Throws<ProtocolException>(() => ReadAll(buffer, withTokens: false, bytes: body.Length - 1));
    }

    private static byte[] BodyOf(bool withTokens, params byte[]?[] items) =>
        WireFrame.Make(Op.Items, 1, 1, write: to => EveryFrame.Items(to, withTokens, items)).Body;

    private static List<DeliveredItem> ReadAll(byte[] body, bool withTokens, int? bytes = null)
    {
        var read = new List<DeliveredItem>();
        for (var items = new DeliveredItems(body, bytes ?? body.Length, withTokens, version: 1); items.Remaining > 0;)
        {
            read.Add(items.Next());
        }

        return read;
    }
}
