using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>What a process had on lease when it died is somebody else's work then.</summary>
public sealed class DeathWithLeaseTests
{
    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case27_WorkerKilledWithLease_ItemComesBackWithOneFailureAndJoinEndsAfterTheSecondAck(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<string>("queue");
        using var leased = broker.OpenQueue<string>("leased");
        using var go = broker.OpenQueue<int>("go");
        queue.Put("work");
        var first = workers.Add(WorkerProcess.Start(LeaseAndAckOnGo, queue, leased, go));
        Assert.Equal("work, 0 failures", leased.Get(Times.Long));

        first.Kill();

        workers.Add(WorkerProcess.Start(LeaseAndAckOnGo, queue, leased, go));
        Assert.Equal("work, 1 failures", leased.Get(Times.Long));
        Assert.False(queue.Join(Times.Short));
        go.Put(1);
        Assert.True(queue.Join(Times.Long));
        Assert.True(queue.GetInfo() is { Ready: 0, Leased: 0, Dead: 0, TotalTaken: 1 });
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case27_EveryWorkerKilledWithTheLease_ItemIsDeadAfterMaxFailuresAndJoinEnds(BrokerPlace place)
    {
        const int MaxFailures = 3;
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<string>("queue", new QueueOptions { MaxFailures = MaxFailures });
        using var leased = broker.OpenQueue<string>("leased");
        using var go = broker.OpenQueue<int>("go");
        queue.Put("deadly");

        for (var failures = 0; failures < MaxFailures; failures++)
        {
            var worker = workers.Add(WorkerProcess.Start(LeaseAndAckOnGo, queue, leased, go));
            Assert.Equal($"deadly, {failures} failures", leased.Get(Times.Long));
            Assert.False(queue.Join(TimeSpan.Zero));
            worker.Kill();
        }

        Assert.True(queue.Join(Times.Long));
        Assert.True(queue.GetInfo() is { Ready: 0, Leased: 0, Dead: 1 });
        Assert.Equal(MaxFailures, Assert.Single(queue.GetDeadItems(10)).Failures);
    }

    [Fact]
    public void LeaseAllAsync_ItemKillsItsWorkerAtOnce_IsDeadAfterMaxFailuresAndTheOthersAreDone()
    {
        const int MaxFailures = 3;
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<string>("queue", new QueueOptions { MaxFailures = MaxFailures });
        queue.PutMany(["deadly", "good", "good", "deadly", "good"]);
        queue.Complete();
        var workers = 0;

        while (!queue.Join(TimeSpan.Zero))
        {
            Assert.True(++workers <= 4 * MaxFailures, "a deadly item circles");
            using var worker = WorkerProcess.Start(LeaseAndDie, queue);
            worker.WaitForExit();
        }

        Assert.Equal([MaxFailures, MaxFailures], queue.GetDeadItems(10).Select(dead => dead.Failures));
        Assert.Equal(3, queue.GetInfo().TotalTaken);
    }

    private static async Task LeaseAndDie(IpcQueue<string> queue)
    {
        await foreach (var lease in queue.LeaseAllAsync())
        {
            if (lease.Item == "deadly")
            {
                Process.GetCurrentProcess().Kill();
            }

            await lease.AckAsync();
        }
    }

    private static void LeaseAndAckOnGo(IpcQueue<string> queue, IpcQueue<string> leased, IpcQueue<int> go)
    {
        using var lease = queue.Lease();
        leased.Put($"{lease.Item}, {lease.Failures} failures");
        go.Get();
        lease.Ack();
    }
}
