using System.Collections.Concurrent;
using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Lifecycle;

/// <summary>A client of a named broker rides out its restart: whoever waits goes on waiting, and handles stay good.</summary>
public sealed class ReconnectTests : IDisposable
{
    private readonly string _name = $"reconnect-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<QueueClientState> _states = new();
    private QueueBroker _broker;

    public ReconnectTests() => _broker = QueueBroker.Start(new QueueBrokerOptions { Name = _name });

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task Get_BrokerRestartsMeanwhile_GetsWhatIsPutAfterwards()
    {
        using var client = Connect();
        using var queue = client.OpenQueue<int>("jobs");
        var got = Task.Run(queue.Get);
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);

        Restart();
        using (var other = Connect())
        using (var producer = other.OpenQueue<int>("jobs"))
        {
            producer.Put(7);
        }

        Assert.Equal(7, await got.WaitAsync(Times.Long));
        queue.Put(8);
        Assert.Equal(8, queue.Get());
    }

    [Fact]
    public async Task Calls_WhileThereIsNoBroker_WaitForIt()
    {
        using var client = Connect();
        using var queue = client.OpenQueue<int>("jobs", new QueueOptions { Capacity = 3 });
        queue.Put(1);
        _broker.Dispose();

        var calls = new[]
        {
            Task.Run(() => queue.Put(2)),
            Task.Run(() => queue.PutAsync(3).AsTask()),
            Task.Run(() => queue.Count),
            Task.Run(() => client.GetQueues()),
        };
        Eventually.True(() => client.State == QueueClientState.Reconnecting);
        Assert.All(calls, call => Assert.False(call.IsCompleted));

        Start();
        await Task.WhenAll(calls).WaitAsync(Times.Long);
        Assert.Equal([2, 3], queue.GetMany(10, Times.Long).Order());
        Assert.Equal(3, queue.Capacity);
        Assert.Equal([QueueClientState.Reconnecting, QueueClientState.Connected], _states);
    }

    [Fact]
    public void CallsWithATime_WhileThereIsNoBroker_EndInTime()
    {
        using var client = Connect();
        using var queue = client.OpenQueue<int>("jobs");
        _broker.Dispose();

        Assert.False(queue.TryGet(out _, TimeSpan.FromMilliseconds(50)));
        Assert.Throws<QueueEmptyException>(() => queue.Get(TimeSpan.Zero));
        Assert.Contains("The item was not put", Assert.Throws<BrokerUnavailableException>(() => queue.Put(1, TimeSpan.FromMilliseconds(50))).Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource(50);
        Assert.Throws<OperationCanceledException>(() => queue.Put(2, cancelled.Token));

        Start();
        queue.Put(3);
        Assert.Equal([3], queue.GetMany(10, Times.Long));
    }

    [Fact]
    public async Task Reader_BrokerRestartsMeanwhile_GoesOn()
    {
        using var client = Connect();
        using var queue = client.OpenQueue<int>("jobs");
        var read = new ConcurrentQueue<int>();
        using var enough = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var item in queue.ReadAllAsync(enough.Token))
            {
                read.Enqueue(item);
            }
        });
        queue.Put(1);
        Eventually.True(() => read.Count == 1);

        Restart();
        queue.Put(2);
        queue.Put(3);
        Eventually.True(() => read.Count == 3);
        queue.Complete();
        await reading.WaitAsync(Times.Long);
        Assert.Equal([1, 2, 3], read);
    }

    [Fact]
    public async Task Put_WaitsForRoomOverARestart_IsAcceptedThen_AndOtherQueuesDoNotMind()
    {
        using var client = Connect();
        using var full = client.OpenQueue<int>("full", new QueueOptions { Capacity = 1 });
        using var others = client.OpenQueue<int>("others");
        full.Put(0);
        var waiting = Task.Run(() => full.Put(1));
        Eventually.True(() => full.GetInfo().WaitingPuts == 1);
        for (var i = 0; i < 500; i++)
        {
            Assert.False(full.TryPut(-i));
            others.Put(i);
        }

        Restart();
        await waiting.WaitAsync(Times.Long);
        others.Put(500);

        Assert.Equal([1], full.GetMany(10, Times.Long));
        Assert.Equal([500], others.GetMany(10, Times.Long));
    }

    [Fact]
    public void Handle_DisposedAndOpenedAgainOverARestart_PutsWhatIsNew()
    {
        using var client = Connect();
        using (var first = client.OpenQueue<int>("jobs"))
        {
            first.PutMany([1, 2, 3]);
        }

        using (var second = client.OpenQueue<int>("jobs"))
        {
            second.Put(4);
            Assert.Equal([1, 2, 3, 4], second.GetMany(10, Times.Long));
        }

        Restart();
        using var third = client.OpenQueue<int>("jobs");
        third.Put(5);
        Assert.Equal([5], third.GetMany(10, Times.Long));
    }

    [Fact]
    public void Lease_OfABrokerThatWasRestarted_IsLost()
    {
        using var client = Connect();
        using var queue = client.OpenQueue<int>("jobs");
        queue.Put(1);
        var lease = queue.Lease();
        Restart();

        Assert.Throws<LeaseLostException>(lease.Ack);
    }

    [Fact]
    public void Broker_DoesNotComeBackInTime_IsUnavailable_AndTheNextCallTriesAnew()
    {
        using var client = Connect(new QueueClientOptions { ReconnectTimeout = TimeSpan.FromMilliseconds(100) });
        using var queue = client.OpenQueue<int>("jobs");
        _broker.Dispose();

        Assert.Contains("no broker came back within 100 ms", Assert.Throws<BrokerUnavailableException>(() => queue.Get()).Message, StringComparison.Ordinal);
        Assert.Equal(QueueClientState.Lost, client.State);
        Start();
        queue.Put(1);
        Assert.Equal(1, queue.Get());
    }

    [Fact]
    public void ReconnectTimeoutZero_LeavesALostConnectionLost()
    {
        using var client = Connect(new QueueClientOptions { ReconnectTimeout = TimeSpan.Zero });
        using var queue = client.OpenQueue<int>("jobs");
        Restart();

        Assert.Throws<BrokerUnavailableException>(() => queue.Count);
        Assert.Throws<BrokerUnavailableException>(() => queue.Count);
    }

    [Fact]
    public void ItemsAreLost_AndThatIsToFail_HandlesAreOfNoUse()
    {
        using var client = Connect(new QueueClientOptions { WhenItemsAreLost = WhenItemsAreLost.Fail });
        using var queue = client.OpenQueue<int>("jobs");
        queue.Put(1);
        Restart();

        Assert.Contains("came back without the items", Assert.Throws<BrokerUnavailableException>(() => queue.Get()).Message, StringComparison.Ordinal);
        using var anew = client.OpenQueue<int>("jobs");
        Assert.Equal(0, anew.Count);
    }

    [Fact]
    public void QueueThatIsAnotherOneNow_IsRefusedInWords_AndTheOthersGoOn()
    {
        using var client = Connect();
        using var queue = client.OpenQueue<int>("jobs", new QueueOptions { Capacity = 3 });
        using var others = client.OpenQueue<int>("others");
        _broker.Dispose();
        _broker = QueueBroker.Start(new QueueBrokerOptions { Name = $"{_name}-2" });
        using (var first = QueueClient.Connect(_broker.Endpoint))
        using (first.OpenQueue<int>("jobs", new QueueOptions { Capacity = 4 }))
        {
            // Nobody may be faster than the one who makes the queue, so it is made where nobody looks.
            File.Move(_broker.Endpoint, client.Endpoint);
            Assert.Contains("capacity", Assert.Throws<InvalidOperationException>(() => queue.Put(1)).Message, StringComparison.OrdinalIgnoreCase);
            Assert.Throws<InvalidOperationException>(() => queue.Count);
            others.Put(1);
            Assert.Equal(1, others.Get());
            File.Move(client.Endpoint, _broker.Endpoint);
        }
    }

    [Fact]
    public async Task TwoBrokersWantTheName_OneGetsIt_AndClientsGoOnThere()
    {
        using var client = Connect();
        using var queue = client.OpenQueue<int>("jobs");
        var got = Task.Run(queue.Get);
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);
        _broker.Dispose();

        var started = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Run.OnThread(TryStart))).WaitAsync(Times.Long);

        _broker = Assert.Single(started.OfType<QueueBroker>());
        Assert.Contains(_name, Assert.Single(started.OfType<Exception>()).Message, StringComparison.Ordinal);
        queue.Put(7);
        Assert.Equal(7, await got.WaitAsync(Times.Long));
    }

    [UnixFact]
    public async Task Delete_WhoseAnswerIsLost_IsNoErrorWhenTheQueueIsGone()
    {
        _broker.Dispose();
        _broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = _name });
        using var client = Connect();
        client.OpenQueue<int>("jobs").Dispose();
        using var process = Process.GetProcessById(_broker.ProcessId);
        _ = Signals.Stop(_broker);

        var deleted = client.DeleteQueueAsync("jobs");
        process.Kill();
        process.WaitForExit();
        Restart();

        await deleted.WaitAsync(Times.Long);
        Assert.Contains("There is no queue", Assert.Throws<InvalidOperationException>(() => client.DeleteQueue("jobs")).Message, StringComparison.OrdinalIgnoreCase);
    }

    private QueueClient Connect(QueueClientOptions? options = null)
    {
        var client = QueueClient.Connect(_name, options);
        client.StateChanged += (_, state) => _states.Enqueue(state);
        return client;
    }

    private object TryStart()
    {
        try
        {
            return QueueBroker.Start(new QueueBrokerOptions { Name = _name });
        }
        catch (IOException e)
        {
            return e;
        }
    }

    private void Restart()
    {
        _broker.Dispose();
        Start();
    }

    private void Start() => _broker = QueueBroker.Start(new QueueBrokerOptions { Name = _name });
}
