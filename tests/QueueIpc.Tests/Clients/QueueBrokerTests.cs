using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Clients;

public sealed class QueueBrokerTests
{
    [Fact]
    public void Options_OutOfRange_SayWhich()
    {
        Assert.Equal("MaxItemBytes", Refused(new QueueBrokerOptions { MaxItemBytes = 0 }));
        Assert.Equal("MaxItemBytes", Refused(new QueueBrokerOptions { MaxItemBytes = 1 << 30 }));
        Assert.Equal("MaxMemoryBytes", Refused(new QueueBrokerOptions { MaxMemoryBytes = -1 }));
        Assert.Equal("MaxConnections", Refused(new QueueBrokerOptions { MaxConnections = 0 }));
        Assert.Equal("MaxQueues", Refused(new QueueBrokerOptions { MaxQueues = 0 }));
        Assert.Equal("MaxWaitsPerQueue", Refused(new QueueBrokerOptions { MaxWaitsPerQueue = 0 }));
        Assert.Equal("MaxUnsentBytes", Refused(new QueueBrokerOptions { MaxUnsentBytes = 0 }));
        Assert.Equal("MaxSilentConnections", Refused(new QueueBrokerOptions { MaxSilentConnections = 0 }));
        Assert.Equal("MaxOpenQueues", Refused(new QueueBrokerOptions { MaxOpenQueues = 0 }));
        Assert.Equal("MaxWaitingBytes", Refused(new QueueBrokerOptions { MaxWaitingBytes = 0 }));
        Assert.Equal("MaxHeldPerQueue", Refused(new QueueBrokerOptions { MaxHeldPerQueue = 0 }));
        Assert.Equal("FrameTimeout", Refused(new QueueBrokerOptions { FrameTimeout = TimeSpan.Zero }));
        Assert.Equal("FrameTimeout", Refused(new QueueBrokerOptions { FrameTimeout = TimeSpan.FromDays(2) }));
        Assert.Equal("HandshakeTimeout", Refused(new QueueBrokerOptions { HandshakeTimeout = TimeSpan.Zero }));

        static string? Refused(QueueBrokerOptions options)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => QueueBroker.StartProcess(options));
            return Assert.Throws<ArgumentOutOfRangeException>(() => QueueBroker.Start(options)).ParamName;
        }
    }

    [Fact]
    public void Options_MemoryForNotEvenOneItem_NamesBothValues()
    {
        var error = Assert.Throws<ArgumentException>(() => QueueBroker.Start(new QueueBrokerOptions { MaxMemoryBytes = 1000, MaxItemBytes = 1001 }));

        Assert.Contains("MaxMemoryBytes is 1000", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxItemBytes is 1001", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_NameOfALivingBroker_SaysSo()
    {
        var name = $"t-{Guid.NewGuid():N}";
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });
        using var queue = broker.OpenQueue<int>("q");

        var here = Assert.Throws<IOException>(() => QueueBroker.Start(new QueueBrokerOptions { Name = name }));
        var inAProcess = Assert.Throws<IOException>(() => QueueBroker.StartProcess(new QueueBrokerOptions { Name = name }));

        Assert.Contains(name, here.Message, StringComparison.Ordinal);
        Assert.Contains(name, inAProcess.Message, StringComparison.Ordinal);
        queue.Put(1);
        Assert.Equal(1, queue.Get());
    }

    [Fact]
    public void Start_NameOfABrokerThatWasDisposed_IsFreeAtOnce()
    {
        var name = $"t-{Guid.NewGuid():N}";
        for (var i = 0; i < 20; i++)
        {
            using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });
            using var client = QueueClient.Connect(name);
            using var queue = client.OpenQueue<int>("q");

            Assert.Equal(0, queue.Count);
            queue.Put(i);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Case09_MaxItemBytes_OfTheBroker_HoldsToTheByte(bool ownProcess)
    {
        var options = new QueueBrokerOptions { MaxItemBytes = 1000 };
        using var broker = ownProcess ? QueueBroker.StartProcess(options) : QueueBroker.Start(options);
        using var client = QueueClient.Connect(broker.Endpoint);
        using var queue = client.OpenQueue<byte[]>("q");

        queue.Put(new byte[1000]);
        var error = Assert.Throws<ItemTooLargeException>(() => queue.Put(new byte[1001]));

        Assert.Contains("1001 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("1000 at most", error.Message, StringComparison.Ordinal);
        Assert.Equal(1000, queue.Get().Length);
    }

    [Fact]
    public void MaxMemoryBytes_Reached_PutsWaitUntilAnotherQueueGivesSomeBack()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxItemBytes = 1000, MaxMemoryBytes = 2000 });
        using var client = QueueClient.Connect(broker.Endpoint);
        using var a = client.OpenQueue<byte[]>("a");
        using var b = client.OpenQueue<byte[]>("b");
        a.Put(new byte[1000]);
        b.Put(new byte[500]);
        Assert.False(b.TryPut(new byte[1000]));
        var put = b.PutAsync(new byte[1000]).AsTask();
        Eventually.True(() => b.GetInfo().WaitingPuts == 1);

        a.Get();

        Eventually.True(() => put.IsCompletedSuccessfully);
        Assert.Equal([500, 1000], b.GetMany(10, TimeSpan.Zero).Select(item => item.Length));
    }

    [Fact]
    public void MaxQueues_Reached_SaysSoAndOldOnesCanBeOpened()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxQueues = 2 });
        using var client = QueueClient.Connect(broker.Endpoint);
        client.OpenQueue<int>("a");
        client.OpenQueue<int>("b");

        var error = Assert.Throws<InvalidOperationException>(() => client.OpenQueue<int>("c"));

        Assert.Contains("'c'", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 queues", error.Message, StringComparison.Ordinal);
        client.OpenQueue<int>("a");
        client.DeleteQueue("b");
        client.OpenQueue<int>("c");
    }

    [Fact]
    public async Task StartProcess_Disposed_QueuesAreGoneAndCompletionSaysSuccess()
    {
        var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint);
        using var queue = client.OpenQueue<int>("q");
        using var hosted = broker.OpenQueue<int>("q");
        hosted.Put(1);
        Assert.Equal(1, queue.Get());
        Assert.False(broker.Completion.IsCompleted);

        await broker.DisposeAsync();

        await broker.Completion.WaitAsync(Times.Long);
        Assert.Throws<BrokerUnavailableException>(() => queue.Put(2));
    }

    [Fact]
    public void UnnamedQueue_CreatingHandleDisposed_IsDeletedForEveryone()
    {
        var queue = IpcQueue.Create<int>();
        using var other = IpcQueue.Open<int>(queue.Endpoint, queue.Name);
        queue.Put(1);

        queue.Dispose();

        Eventually.True(() => IsDeleted(other));
        Assert.StartsWith("~", other.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void NamedQueue_EveryHandleDisposed_LivesOn()
    {
        using var broker = QueueBroker.Start();
        using (var client = QueueClient.Connect(broker.Endpoint))
        using (var queue = client.OpenQueue<int>("q"))
        {
            queue.Put(1);
        }

        using var again = broker.OpenQueue<int>("q");
        Assert.Equal(1, again.Get(TimeSpan.Zero));
    }

    private static bool IsDeleted(IpcQueue<int> queue)
    {
        try
        {
            queue.Put(2);
            return false;
        }
        catch (QueueCompletedException e)
        {
            return e.Message.Contains("deleted", StringComparison.Ordinal);
        }
    }
}
