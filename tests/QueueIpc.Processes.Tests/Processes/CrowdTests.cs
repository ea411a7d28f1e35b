using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>Many clients, and many at the same moment.</summary>
public sealed class CrowdTests
{
    private const int Processes = 100;
    private const int Connects = 200;

    [Theory]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case45_HundredClientProcessesAtOnce_AllAreServed(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var go = broker.OpenQueue<int>("go");
        using var done = broker.OpenQueue<int>("done");
        var children = Enumerable.Range(0, Processes).Select(_ => workers.Add(WorkerProcess.Start(GetAndPut, go, done))).ToArray();
        foreach (var _ in children)
        {
            // Each says that it is there, and stays until all are.
            Assert.Equal(-1, done.Get(Times.Long));
        }

        Eventually.True(() => go.GetInfo().WaitingGets == Processes);
        go.PutMany(Enumerable.Range(0, Processes));

        var numbers = Enumerable.Range(0, Processes).Select(_ => done.Get(Times.Long)).Order();
        Assert.Equal(Enumerable.Range(0, Processes), numbers);
        Assert.All(children, child => Assert.True(child.WaitForExit(Times.Long)));
        Assert.All(children, child => Assert.Equal(0, child.ExitCode));
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public async Task Case45_TwoHundredConnectsAtTheSameMoment_AllSucceed(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var together = new Barrier(Connects);
        var clients = await Task.WhenAll(Enumerable.Range(0, Connects).Select(_ => Run.OnThread(() =>
        {
            together.SignalAndWait();
            return QueueClient.Connect(broker.Endpoint);
        })));

        await Task.WhenAll(clients.Select((client, i) => Run.OnThread(() => client.OpenQueue<int>("queue").Put(i))));

        using var queue = broker.OpenQueue<int>("queue");
        Assert.Equal(Enumerable.Range(0, Connects), queue.GetMany(2 * Connects, TimeSpan.Zero).Order());
        Assert.All(clients, client => client.Dispose());
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case45_SilentClients_DelayNobody(BrokerPlace place)
    {
        // Whoever had to wait for one of them would wait longer than this test does.
        using var broker = place.StartBroker(new QueueBrokerOptions { HandshakeTimeout = Times.Long * 10 });
        var silent = Enumerable.Range(0, 10).Select(_ => new RawClient(broker.Endpoint)).ToArray();
        silent[0].Send(RawClient.Frame(RawClient.Hello, 0, 1, RawClient.HelloBody).AsSpan(0, 10));

        using var client = QueueClient.Connect(broker.Endpoint, new QueueClientOptions { ConnectTimeout = Times.Long });
        using var queue = client.OpenQueue<int>("queue");
        queue.Put(1, Times.Long);
        Assert.Equal(1, queue.Get(Times.Long));
        Assert.All(silent, one => one.Dispose());
    }

    private static void GetAndPut(IpcQueue<int> go, IpcQueue<int> done)
    {
        done.Put(-1);
        done.Put(go.Get());
    }
}
