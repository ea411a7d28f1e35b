using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>Failures go to the item that its consumer had in hand when it died, although leases come and acks go many at a time.</summary>
public sealed class PoisonTests
{
    [Theory]
    [InlineData(BrokerPlace.InThisProcess, 1)]
    [InlineData(BrokerPlace.InThisProcess, 3)]
    [InlineData(BrokerPlace.InItsOwnProcess, 1)]
    [InlineData(BrokerPlace.InItsOwnProcess, 3)]
    public void LeaseAllAsync_OneItemKillsItsConsumers_SoManyOfThemAndItAloneIsDead(BrokerPlace place, int maxFailures)
    {
        const int Items = 200;
        using var broker = place.StartBroker();
        using var jobs = broker.OpenQueue<int>("jobs", new QueueOptions { MaxFailures = maxFailures });
        using var done = broker.OpenQueue<int>("done");
        jobs.PutMany(Enumerable.Range(0, Items));
        jobs.Complete();

        Assert.Equal(maxFailures, Kills(() => WorkerProcess.Start(PutAndAck, jobs, done)));

        var dead = Assert.Single(jobs.GetDeadItems(Items));
        Assert.Equal((101, maxFailures), (dead.Sequence, dead.Failures));
        Assert.Equal(Enumerable.Range(0, Items).Where(item => item != 100), done.GetMany(Items, TimeSpan.Zero).Order());
        Assert.Equal(0, done.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void LeaseAllAsync_ConsumerAsFastAsItCanBe_OnlyWhatItHadInHandHasFailed(int maxFailures)
    {
        const int Items = 50_000;
        using var jobs = IpcQueue.Create<int>(new QueueOptions { MaxFailures = maxFailures });
        jobs.PutMany(Enumerable.Range(0, Items));
        jobs.Complete();

        Assert.Equal(5 * maxFailures, Kills(() => WorkerProcess.Start(Ack, jobs)));

        Assert.Equal([5001, 15001, 25001, 35001, 45001], jobs.GetDeadItems(Items).Select(dead => dead.Sequence).Order());
        Assert.Equal(Items - 5, jobs.GetInfo().TotalTaken);
    }

    [Fact]
    public void LeaseAllAsync_SeveralInHandWhenKilled_AllOfThemHaveFailedAndNoOther()
    {
        using var jobs = IpcQueue.Create<int>();
        jobs.PutMany(Enumerable.Range(0, 100));
        using var ready = IpcQueue.Create<bool>();
        using var workers = new Workforce();
        var worker = workers.Add(WorkerProcess.Start(HoldSome, jobs, ready));
        ready.Get(Times.Long);
        worker.Kill();
        worker.WaitForExit();
        Eventually.True(() => jobs.GetInfo() is { Leased: 0, Ready: 95 });

        var failures = jobs.LeaseMany(100, TimeSpan.Zero).Select(lease => (lease.Item, lease.Failures)).ToArray();

        Assert.Equal([5, 6, 7], failures.Where(lease => lease.Failures == 1).Select(lease => lease.Item));
        Assert.Equal(92, failures.Count(lease => lease.Failures == 0));
    }

    [UnixFact]
    public void LeaseAllAsync_ConsumersEndInWhateverWay_NoFileOfTheirsIsLeft()
    {
        using var directory = new PrivatePipeDirectory();
        using var broker = QueueBroker.Start();
        using var jobs = broker.OpenQueue<int>("jobs");
        jobs.PutMany(Enumerable.Range(0, 200));
        jobs.Complete();

        Assert.Equal(5, Kills(() => WorkerProcess.Start(Ack100, jobs)));

        Eventually.True(() => !directory.Files.Any(file => file.Contains(".leases.", StringComparison.Ordinal)));
    }

    /// <summary>Starts workers until one ends by itself, and answers how many did not.</summary>
    private static int Kills(Func<WorkerProcess> start)
    {
        for (var kills = 0; ; kills++)
        {
            using var workers = new Workforce();
            var worker = workers.Add(start());
            Assert.True(worker.WaitForExit(Times.Long));
            if (worker.ExitCode == 0)
            {
                return kills;
            }
        }
    }

    private static async Task PutAndAck(IpcQueue<int> jobs, IpcQueue<int> done)
    {
        await foreach (var lease in jobs.LeaseAllAsync())
        {
            if (lease.Item == 100)
            {
                Process.GetCurrentProcess().Kill();
            }

            done.Put(lease.Item);
            lease.Ack();
        }
    }

    private static async Task Ack(IpcQueue<int> jobs)
    {
        await foreach (var lease in jobs.LeaseAllAsync())
        {
            if (lease.Item % 10_000 == 5000)
            {
                Process.GetCurrentProcess().Kill();
            }

            lease.Ack();
        }
    }

    private static async Task Ack100(IpcQueue<int> jobs)
    {
        await foreach (var lease in jobs.LeaseAllAsync())
        {
            if (lease.Item == 100)
            {
                Process.GetCurrentProcess().Kill();
            }

            lease.Ack();
        }
    }

    private static async Task HoldSome(IpcQueue<int> jobs, IpcQueue<bool> ready)
    {
        var held = new List<QueueLease<int>>();
        await foreach (var lease in jobs.LeaseAllAsync())
        {
            held.Add(lease);
            if (held.Count == 8)
            {
                held[..5].ForEach(done => done.Ack());
                ready.Put(true);
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }
}
