using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>What a process has put does not depend on what becomes of the process.</summary>
public sealed class ExitTests
{
    private const int LargeBytes = 1 << 20;
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case20_ChildPutsOneMebibyteAndExits_ExitsInTimeAndParentGetsIt(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<byte[]>("queue");
        var child = workers.Add(WorkerProcess.Start(PutOneLarge, queue));
        Eventually.True(() => queue.Count == 1);

        Assert.True(child.WaitForExit(ExitLimit));

        Assert.Equal(0, child.ExitCode);
        Assert.Equal(Pattern(0, LargeBytes), queue.Get(Times.Long));
        Assert.False(queue.TryGet(out _));
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case20_ChildPutsThousandKilobytesAndExits_ExitsInTimeAndParentGetsAllInOrder(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<byte[]>("queue");
        var child = workers.Add(WorkerProcess.Start(PutThousand, queue));
        Eventually.True(() => queue.Count == 1000);

        Assert.True(child.WaitForExit(ExitLimit));

        Assert.Equal(0, child.ExitCode);
        Assert.Equal(1000, queue.Count);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(Pattern(i, 1000), queue.Get(Times.Long));
        }

        Assert.True(queue.IsEmpty);
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case21_ChildKilledRightAfterItsThousandthPut_AllArriveInOrder(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<byte[]>("queue");
        using var allPut = broker.OpenQueue<int>("all put");
        var child = workers.Add(WorkerProcess.Start(PutThousandAndStay, queue, allPut));
        allPut.Get(Times.Long);

        child.Kill();

        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(Pattern(i, 1000), queue.Get(Times.Long));
        }

        Assert.True(child.WaitForExit(Times.Long));
        Assert.True(queue.IsEmpty);
    }

    private static void PutOneLarge(IpcQueue<byte[]> queue) => queue.Put(Pattern(0, LargeBytes));

    private static void PutThousand(IpcQueue<byte[]> queue)
    {
        for (var i = 0; i < 1000; i++)
        {
            queue.Put(Pattern(i, 1000));
        }
    }

    private static void PutThousandAndStay(IpcQueue<byte[]> queue, IpcQueue<int> allPut)
    {
        PutThousand(queue);
        allPut.Put(1);
        Thread.Sleep(Timeout.Infinite);
    }

    private static byte[] Pattern(int seed, int bytes)
    {
        var pattern = new byte[bytes];
        new Random(seed).NextBytes(pattern);
        return pattern;
    }
}
