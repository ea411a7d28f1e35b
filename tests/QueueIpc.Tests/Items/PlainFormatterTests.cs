using System.Buffers;
using MessagePack;
using QueueIpc.Serialization;

namespace QueueIpc.Tests.Items;

/// <summary>Items that do without MessagePack's resolvers travel as the same bytes, or clients in other languages and older programs could not read them.</summary>
public sealed class PlainFormatterTests
{
    [Fact]
    public void Serialize_PlainItems_SameBytesAsMessagePack()
    {
        AreSame<string?>([null, "", "Grüße 你好 😀", "\0", new string('x', 70_000)]);
        AreSame([0, 1, -1, 127, 128, -32, -33, 65_535, 65_536, int.MinValue, int.MaxValue]);
        AreSame([0, 1L << 40, -(1L << 40), long.MinValue, long.MaxValue]);
        AreSame([0, -0.0, double.NaN, double.Epsilon, double.PositiveInfinity]);
        AreSame([true, false]);
    }

    [Fact]
    public void Deserialize_NumberWrittenAsAnotherType_IsRead()
    {
        Assert.Equal(7L, MessagePackItemSerializer.Instance.Deserialize<long>(MessagePackSerializer.Serialize((byte)7, cancellationToken: TestContext.Current.CancellationToken)));
        Assert.Equal(1.5, MessagePackItemSerializer.Instance.Deserialize<double>(MessagePackSerializer.Serialize(1.5f, cancellationToken: TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(new byte[] { 1, 1 })]
    [InlineData(new byte[] { 0xa1, (byte)'1' })]
    [InlineData(new byte[] { 0xcf, 255, 255, 255, 255, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 0xd2, 1 })]
    [InlineData(new byte[0])]
    public void Get_BytesThatAreNoInt_IsTheUsualException(byte[] bytes)
    {
        using var raw = IpcQueue.Create<byte[]>();
        using var queue = IpcQueue.Open<int>(raw.Endpoint, raw.Name);
        raw.Put(bytes);
        Assert.Throws<ItemSerializationException>(() => queue.Get());
    }

    private static void AreSame<T>(T[] items)
    {
        foreach (var item in items)
        {
            var bytes = new ArrayBufferWriter<byte>();
            MessagePackItemSerializer.Instance.Serialize(bytes, item);

            Assert.NotNull(PlainFormatter<T>.Instance);
            Assert.Equal(MessagePackSerializer.Serialize(item, cancellationToken: TestContext.Current.CancellationToken), bytes.WrittenSpan.ToArray());
            Assert.Equal(item, MessagePackItemSerializer.Instance.Deserialize<T>(bytes.WrittenMemory));
        }
    }
}
