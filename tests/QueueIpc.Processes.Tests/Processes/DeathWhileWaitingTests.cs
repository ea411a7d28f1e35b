using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A process that dies while it is blocked leaves nothing behind: no place in the line, no item, no hole.</summary>
public sealed class DeathWhileWaitingTests
{
    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case22_ChildKilledWhileBlockedInGet_NextItemGoesToTheOtherConsumer(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<string>("queue");
        using var echo = broker.OpenQueue<string>("echo");
        var victim = workers.Add(WorkerProcess.Start(Echo, queue, echo));
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);
        workers.Add(WorkerProcess.Start(Echo, queue, echo));
        Eventually.True(() => queue.GetInfo().WaitingGets == 2);

        victim.Kill();
        Assert.True(victim.WaitForExit(Times.Long));
        queue.Put("next");

        Assert.Equal("next", echo.Get(Times.Long));
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);
        queue.Put("and another");
        Assert.Equal("and another", echo.Get(Times.Long));
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case22_FiveChildrenKilledWhileBlockedInGet_TenPutsAllArriveInOrder(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<string>("queue");
        using var echo = broker.OpenQueue<string>("echo");
        var victims = Enumerable.Range(0, 5).Select(_ => workers.Add(WorkerProcess.Start(Echo, queue, echo))).ToArray();
        Eventually.True(() => queue.GetInfo().WaitingGets == 5);

        foreach (var victim in victims)
        {
            victim.Kill();
        }

        Assert.All(victims, victim => Assert.True(victim.WaitForExit(Times.Long)));
        var items = Enumerable.Range(0, 10).Select(i => $"item {i}").ToArray();
        foreach (var item in items)
        {
            queue.Put(item);
        }

        // Some may have been sent to the dead before the broker heard of it; they are back in their own places then.
        Eventually.True(() => queue.GetInfo() is { Ready: 10, Leased: 0, WaitingGets: 0 });
        Assert.Equal(items, queue.GetMany(100, TimeSpan.Zero));
        Assert.True(echo.IsEmpty);
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case23_ChildKilledWhileBlockedInPut_ItsItemNeverAppearsAndCapacityStays(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<string>("queue", new QueueOptions { Capacity = 3 });
        foreach (var item in new[] { "a", "b", "c" })
        {
            queue.Put(item);
        }

        var victim = workers.Add(WorkerProcess.Start(PutGhost, queue));
        Eventually.True(() => queue.GetInfo().WaitingPuts == 1);

        victim.Kill();
        Eventually.True(() => queue.GetInfo().WaitingPuts == 0);

        Assert.Equal(["a", "b", "c"], queue.GetMany(100, TimeSpan.Zero));
        Assert.True(queue.TryPut("d"));
        Assert.True(queue.TryPut("e"));
        Assert.True(queue.TryPut("f"));
        Assert.False(queue.TryPut("g"));
        Assert.Equal(["d", "e", "f"], queue.GetMany(100, TimeSpan.Zero));
        Assert.Equal(6, queue.GetInfo().TotalPut);
    }

    [Fact]
    public void Case23_ChildKilledAheadOfAnotherBlockedPut_TheOthersItemComesNext()
    {
        using var workers = new Workforce();
        using var queue = IpcQueue.Create<string>(new QueueOptions { Capacity = 1 });
        queue.Put("first");
        var victim = workers.Add(WorkerProcess.Start(PutGhost, queue));
        Eventually.True(() => queue.GetInfo().WaitingPuts == 1);
        var survivor = workers.Add(WorkerProcess.Start(PutOne, queue, "second"));
        Eventually.True(() => queue.GetInfo().WaitingPuts == 2);

        victim.Kill();
        Eventually.True(() => queue.GetInfo().WaitingPuts == 1);

        Assert.Equal("first", queue.Get(Times.Long));
        Assert.Equal("second", queue.Get(Times.Long));
        Assert.True(survivor.WaitForExit(Times.Long));
        Assert.True(queue.IsEmpty);
    }

    private static void Echo(IpcQueue<string> queue, IpcQueue<string> echo)
    {
        while (true)
        {
            echo.Put(queue.Get());
        }
    }

    private static void PutGhost(IpcQueue<string> queue) => queue.Put("ghost");

    private static void PutOne(IpcQueue<string> queue, string item) => queue.Put(item);
}
