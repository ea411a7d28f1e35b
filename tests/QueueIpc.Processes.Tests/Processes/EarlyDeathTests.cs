using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A client that is gone before it has said anything stops nobody else from coming.</summary>
public sealed class EarlyDeathTests(ITestOutputHelper output)
{
    private const int Victims = 10;

    [Fact]
    public void Case31_WorkersKilledBeforeTheyConnected_TheBrokerKeepsAccepting()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var workers = new Workforce();
        using var queue = IpcQueue.Create<int>();

        for (var i = 0; i < Victims; i++)
        {
            // The first at once, the others anywhere in their first tenth of a second.
            var victim = workers.Add(WorkerProcess.Start(PutOne, queue, -1));
            Spin.For(Times.Short * (i == 0 ? 0 : random.NextDouble()));
            victim.Kill();
        }

        var survivor = workers.Add(WorkerProcess.Start(PutOne, queue, 1));
        Assert.True(survivor.WaitForExit(Times.Long));
        Assert.Equal(0, survivor.ExitCode);
        Assert.Contains(1, queue.GetMany(Victims + 1, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case31_ClientsGoneBeforeTheirGreeting_TheBrokerKeepsAccepting(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        for (var i = 0; i < 100; i++)
        {
            using var client = new RawClient(broker.Endpoint);
        }

        using var honest = QueueClient.Connect(broker.Endpoint);
        using var queue = honest.OpenQueue<int>("queue");
        queue.Put(1);
        Assert.Equal(1, queue.Get(Times.Long));
    }

    private static void PutOne(IpcQueue<int> queue, int item) => queue.Put(item);
}
