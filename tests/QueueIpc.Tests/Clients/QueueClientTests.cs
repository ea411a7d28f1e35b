using System.Runtime.CompilerServices;
using QueueIpc.Client;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Clients;

/// <summary>A client, its broker, and what each says when something is not right.</summary>
public sealed class QueueClientTests : IDisposable
{
    private readonly QueueBroker _broker = QueueBroker.Start(new QueueBrokerOptions { Name = $"t-{Guid.NewGuid():N}" });

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task Connect_EndpointOrName_InEveryForm_Connects()
    {
        var name = $"forms-{Guid.NewGuid():N}";
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });
        using var byEndpoint = QueueClient.Connect(broker.Endpoint);
        using var byName = QueueClient.Connect(name);
        await using var later = await QueueClient.ConnectAsync(broker.Endpoint);
        using var opened = IpcQueue.Open<int>(name, "q");
        using var hosted = broker.OpenQueue<int>("q");

        byEndpoint.OpenQueue<int>("q").Put(1);
        byName.OpenQueue<int>("q").Put(2);
        later.OpenQueue<int>("q").Put(3);
        opened.Put(4);

        Assert.Equal([1, 2, 3, 4], hosted.GetMany(10, TimeSpan.Zero));
        Assert.Equal(broker.Endpoint, byName.Endpoint);
        Assert.Equal((broker.Endpoint, "q"), (opened.Endpoint, opened.Name));
    }

    [Fact]
    public void Dispose_OnAThreadThatGoesOn_LeavesNothingOfTheConnectionInMemory()
    {
        var connection = UseAndDispose();

        // On a busy machine a thread of the pool may not be done with its last word yet.
        Eventually.True(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !connection.IsAlive;
        });

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference UseAndDispose()
        {
            var connection = ClientConnection.Connect(_broker.Endpoint, new QueueClientOptions(), CancellationToken.None);
            using var client = new QueueClient(connection, new QueueClientOptions());
            using var queue = client.OpenQueue<int>("q");
            queue.Put(1);
            Assert.Equal(1, queue.Get());
            return new WeakReference(connection);
        }
    }

    [Fact]
    public void Connect_NobodyServesTheName_SaysSoInTimeAndWhatToTry()
    {
        var endpoint = $"nobody-{Guid.NewGuid():N}";
        var options = new QueueClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        Assert.Throws<BrokerUnavailableException>(() => QueueClient.Connect(endpoint, options with { ConnectTimeout = TimeSpan.Zero }));
        BrokerUnavailableException? error = null;

        Timing.Takes(options.ConnectTimeout, () => error = Assert.Throws<BrokerUnavailableException>(() => QueueClient.Connect(endpoint, options)));

        Assert.Contains(endpoint, error!.Message, StringComparison.Ordinal);
        Assert.Contains("300 ms", error.Message, StringComparison.Ordinal);
        Assert.Contains("QueueBroker.Start", error.Message, StringComparison.Ordinal);
        Assert.IsType<IOException>(error, exactMatch: false);
    }

    [Fact]
    public async Task ConnectAsync_CancelledWhileNobodyServes_EndsWithTheToken()
    {
        using var cancel = new CancellationTokenSource();
        var connect = QueueClient.ConnectAsync($"nobody-{Guid.NewGuid():N}", new QueueClientOptions { ConnectTimeout = Timeout.InfiniteTimeSpan }, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connect.WaitAsync(Times.Long));
    }

    [Fact]
    public async Task Connect_BrokerComesLater_WaitsForIt()
    {
        var name = $"late-{Guid.NewGuid():N}";
        var connect = QueueClient.ConnectAsync(name, new QueueClientOptions { ConnectTimeout = Times.Long });

        using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });

        using var client = await connect.WaitAsync(Times.Long);
        Assert.Equal(broker.Endpoint, client.Endpoint);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("zwölf")]
    public void Connect_NoSuchEndpointCanBe_ArgumentException(string endpoint)
    {
        Assert.ThrowsAny<ArgumentException>(() => QueueClient.Connect(endpoint));
        Assert.ThrowsAny<ArgumentException>(() => IpcQueue.Open<int>(endpoint, "q"));
        Assert.ThrowsAny<ArgumentException>(() => QueueBroker.Start(new QueueBrokerOptions { Name = endpoint }));
    }

    [Fact]
    public void Connect_Null_ArgumentNullException()
    {
        Assert.Throws<ArgumentNullException>(() => QueueClient.Connect(null!));
        Assert.Throws<ArgumentNullException>(() => IpcQueue.Open<int>(_broker.Endpoint, null!));
        Assert.Throws<ArgumentNullException>(() => _broker.OpenQueue<int>(null!));
    }

    [Fact]
    public void Connect_NegativeTimeout_ArgumentOutOfRange()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => QueueClient.Connect(_broker.Endpoint, new QueueClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(-2) }));

        Assert.Equal(nameof(QueueClientOptions.ConnectTimeout), error.ParamName);
    }

    [Fact]
    public void FromEnvironment_VariableSetInAChild_ConnectsThere()
    {
        using var queue = _broker.OpenQueue<string>("q");
        using var child = WorkerProcess.Start(ConnectFromEnvironment, _broker.Endpoint);

        Assert.Equal("variable QUEUEIPC_ENDPOINT is not set", queue.Get(Times.Long));
        Assert.Equal("hello", queue.Get(Times.Long));
        Assert.True(child.WaitForExit(Times.Long));
    }

    [Fact]
    public async Task GetQueues_TwoQueues_AreListedInNumbers()
    {
        using var client = QueueClient.Connect(_broker.Endpoint);
        using var a = client.OpenQueue<int>("a", new QueueOptions { Capacity = 3 });
        using var b = client.OpenQueue<int>("b");
        a.Put(1);

        var queues = client.GetQueues();

        Assert.Equal([("a", 3, 1), ("b", 0, 0)], queues.Select(queue => (queue.Name, queue.Capacity, queue.Ready)).Order());
        Assert.Equal(["a", "b"], (await client.GetQueuesAsync()).Select(queue => queue.Name).Order());
    }

    [Fact]
    public async Task DeleteQueue_BlockedCallers_AreToldThatItWasDeleted()
    {
        using var client = QueueClient.Connect(_broker.Endpoint);
        using var queue = client.OpenQueue<int>("q");
        var get = queue.GetAsync().AsTask();
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);

        await client.DeleteQueueAsync("q");

        var error = await Assert.ThrowsAsync<QueueCompletedException>(() => get.WaitAsync(Times.Long));
        Assert.Equal("Queue 'q' was deleted.", error.Message);
        Assert.Empty(client.GetQueues());
        Assert.Throws<QueueCompletedException>(() => queue.Put(1));
        using var anew = client.OpenQueue<int>("q");
        Assert.Equal(0, anew.Count);
    }

    [Fact]
    public async Task DeleteQueue_NoSuchQueue_SaysWhich()
    {
        using var client = QueueClient.Connect(_broker.Endpoint);

        var error = Assert.Throws<InvalidOperationException>(() => client.DeleteQueue("no such queue"));

        Assert.Contains("'no such queue'", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.DeleteQueueAsync("no such queue"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.DeleteQueueAsync("no such queue", new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetQueuesAsync(new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Dispose_CallsUnderWayAndLater_EndWithObjectDisposedException()
    {
        var client = QueueClient.Connect(_broker.Endpoint);
        var queue = client.OpenQueue<int>("q");
        using var watcher = _broker.OpenQueue<int>("q");
        var get = queue.GetAsync().AsTask();
        Eventually.True(() => watcher.GetInfo().WaitingGets == 1);

        client.Dispose();
        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => get.WaitAsync(Times.Long));
        Assert.Throws<ObjectDisposedException>(() => queue.Put(1));
        Assert.Throws<ObjectDisposedException>(() => client.GetQueues());
        Assert.Throws<ObjectDisposedException>(() => client.DeleteQueue("q"));
        Assert.Throws<ObjectDisposedException>(() => client.OpenQueue<int>("q"));
        queue.Dispose();
        Eventually.True(() => watcher.GetInfo().WaitingGets == 0);
    }

    [Fact]
    public async Task Broker_Disposed_CallsSayThatItIsGoneAndWhatToDo()
    {
        using var client = QueueClient.Connect(_broker.Endpoint, new QueueClientOptions { ReconnectTimeout = TimeSpan.Zero });
        using var queue = client.OpenQueue<int>("q", new QueueOptions { Capacity = 1 });
        queue.Put(0);
        var put = queue.PutAsync(1).AsTask();
        Eventually.True(() => queue.GetInfo().WaitingPuts == 1);

        await _broker.DisposeAsync();

        await _broker.Completion.WaitAsync(Times.Long);
        var during = await Assert.ThrowsAsync<BrokerUnavailableException>(() => put.WaitAsync(Times.Long));
        Assert.Contains("Put on queue 'q'", during.Message, StringComparison.Ordinal);
        Assert.Contains("Whether the item was accepted is unknown", during.Message, StringComparison.Ordinal);
        Assert.Contains(_broker.Endpoint, during.Message, StringComparison.Ordinal);
        var after = Assert.Throws<BrokerUnavailableException>(() => queue.Get());
        Assert.Contains("queue 'q' was not sent", after.Message, StringComparison.Ordinal);
        var aboutAll = Assert.Throws<BrokerUnavailableException>(() => client.GetQueues());
        Assert.StartsWith("List was not sent: ", aboutAll.Message, StringComparison.Ordinal);
        Assert.Contains("Connect anew", aboutAll.Message, StringComparison.Ordinal);
        Assert.Throws<BrokerUnavailableException>(() => client.OpenQueue<int>("other"));
        Assert.Throws<ObjectDisposedException>(() => _broker.OpenQueue<int>("q"));
    }

    [Fact]
    public void OpenQueue_OnADisposedBrokerThatWasUsed_ObjectDisposedException()
    {
        var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<int>("q");

        broker.Dispose();
        broker.Dispose();

        Assert.Throws<ObjectDisposedException>(() => broker.OpenQueue<int>("q"));
        Assert.Throws<ObjectDisposedException>(() => queue.Put(1));
    }

    [Fact]
    public void Case36_Open_ManyQueuesOfOneEndpoint_ShareOneConnection()
    {
        using var broker = QueueBroker.StartProcess(new QueueBrokerOptions { MaxConnections = 2 });

        // One connection for all that is opened here, and one for the broker object's own queues: there is room for both and no more.
        using var hosted = broker.OpenQueue<int>("q1");
        var queues = Enumerable.Range(0, 20).Select(i => IpcQueue.Open<int>(broker.Endpoint, $"q{i}")).ToArray();
        queues[1].Put(7);

        Assert.Equal(7, hosted.Get(TimeSpan.Zero));
        var error = Assert.Throws<BrokerUnavailableException>(() => QueueClient.Connect(broker.Endpoint));
        Assert.Contains("2 connections", error.Message, StringComparison.Ordinal);
        Array.ForEach(queues, queue => queue.Dispose());
    }

    [Fact]
    public void Serializer_OfTheUser_WritesAndReadsEveryItemButNull()
    {
        var serializer = new LengthsOnly();
        using var client = QueueClient.Connect(_broker.Endpoint, new QueueClientOptions { Serializer = serializer });
        using var queue = client.OpenQueue<string?>("q");
        using var raw = client.OpenQueue<byte[]>("q");

        queue.PutMany(["abc", null, string.Empty]);
        queue.Put("12345");

        Assert.Equal([3], raw.Get());
        Assert.Equal([null, "?", "?5"], queue.GetMany(10, TimeSpan.Zero).Select(text => text is "?0" ? "?" : text));
        Assert.Equal((3, 2), (serializer.Written, serializer.Read));
    }

    [Fact]
    public void Serializer_ThatThrows_IsAnItemSerializationException()
    {
        using var client = QueueClient.Connect(_broker.Endpoint, new QueueClientOptions { Serializer = new LengthsOnly() });
        using var numbers = client.OpenQueue<int>("q");
        using var raw = client.OpenQueue<byte[]>("q");

        var atPut = Assert.Throws<ItemSerializationException>(() => numbers.Put(1));
        raw.Put([7]);
        var atGet = Assert.Throws<ItemSerializationException>(() => numbers.Get());

        Assert.IsType<NotSupportedException>(atPut.InnerException);
        Assert.IsType<NotSupportedException>(atGet.InnerException);
        Assert.Equal([7], atGet.RawBytes.ToArray());
    }

    private static void ConnectFromEnvironment(string endpoint)
    {
        Environment.SetEnvironmentVariable(QueueClient.EndpointVariable, null);
        var error = Assert.Throws<InvalidOperationException>(() => QueueClient.FromEnvironment());
        Environment.SetEnvironmentVariable(QueueClient.EndpointVariable, endpoint);
        using var client = QueueClient.FromEnvironment();
        using var queue = client.OpenQueue<string>("q");
        queue.Put(error.Message[(error.Message.IndexOf("variable", StringComparison.Ordinal))..(error.Message.IndexOf('.'))]);
        queue.Put("hello");
    }

    /// <summary>Keeps of a string how long it was.</summary>
    private sealed class LengthsOnly : IQueueSerializer
    {
        public int Written { get; private set; }

        public int Read { get; private set; }

        public void Serialize<T>(System.Buffers.IBufferWriter<byte> writer, T item)
        {
            writer.GetSpan(1)[0] = item is string text ? (byte)text.Length : throw new NotSupportedException();
            writer.Advance(1);
            Written++;
        }

        public T Deserialize<T>(ReadOnlyMemory<byte> bytes)
        {
            Read++;
            return typeof(T) == typeof(string) ? (T)(object)$"?{bytes.Span[0]}" : throw new NotSupportedException();
        }
    }
}
