using System.Buffers;
using System.Text;

namespace QueueIpc.Tests.Items;

/// <summary>Queues that are opened with a serializer, in each of the ways to open one.</summary>
public sealed class SerializerTests
{
    [Fact]
    public void Open_WithASerializer_ItIsUsedForEveryItem()
    {
        using var broker = QueueBroker.Start();
        using var client = QueueClient.Connect(broker.Endpoint);
        var upper = new UpperCase();
        using var created = IpcQueue.Create<string>(null, upper);
        using var atBroker = broker.OpenQueue<string>("q", null, upper);
        using var atClient = client.OpenQueue<string>("q", null, upper);
        using var opened = IpcQueue.Open<string>(broker.Endpoint, "q", null, upper);
        foreach (var queue in new[] { created, atBroker, atClient, opened })
        {
            queue.Put("text");
            Assert.Equal("TEXT", queue.Get());
        }
    }

    [Fact]
    public void OpenQueue_WithASerializer_ItGoesBeforeThatOfTheClient()
    {
        using var broker = QueueBroker.Start();
        using var client = QueueClient.Connect(broker.Endpoint, new QueueClientOptions { Serializer = RawBytesSerializer.Instance });
        using var queue = client.OpenQueue<string>("q", null, new UpperCase());
        queue.Put("text");
        Assert.Equal("TEXT", queue.Get());
    }

    [Fact]
    public void RawBytes_BytesOfBothKinds_TravelAsTheyAre()
    {
        using var arrays = IpcQueue.Create<byte[]>(null, RawBytesSerializer.Instance);
        using var memories = IpcQueue.Open<ReadOnlyMemory<byte>>(arrays.Endpoint, arrays.Name, null, RawBytesSerializer.Instance);
        arrays.Put([1, 2, 3]);
        memories.Put(new byte[] { 4 });
        Assert.Equal([1, 2, 3], memories.Get().ToArray());
        Assert.Equal([4], arrays.Get());
    }

    [Fact]
    public void RawBytes_AnotherType_IsRefusedInWordsAndNothingWasPut()
    {
        using var queue = IpcQueue.Create<string>(null, RawBytesSerializer.Instance);
        var e = Assert.Throws<ItemSerializationException>(() => queue.Put("text"));
        Assert.Contains("as string: ", e.Message);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Create_NoSerializer_IsAnArgumentException() => Assert.Throws<ArgumentNullException>(() => IpcQueue.Create<string>(null, (IQueueSerializer)null!));

    private sealed class UpperCase : IQueueSerializer
    {
        public void Serialize<T>(IBufferWriter<byte> writer, T item) => writer.Write(Encoding.UTF8.GetBytes(((string)(object)item!).ToUpperInvariant()));

        public T Deserialize<T>(ReadOnlyMemory<byte> bytes) => (T)(object)Encoding.UTF8.GetString(bytes.Span);
    }
}
