using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A process that is stopped in the middle of something holds up nobody else.</summary>
public sealed class StoppedProcessTests(ITestOutputHelper output)
{
    private const int LargeBytes = 16 << 20;
    private const int StopsInTheMiddle = 3;
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    /// <summary>Made once in each process: that takes a quarter of a second.</summary>
    private static readonly Lazy<byte[]> Large = new(MakeLarge);

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case25_ChildStoppedDuringLargePut_GetEndsAfterItsSecondAndOtherPutsGoThrough(BrokerPlace place)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<byte[]>("queue");
        using var go = broker.OpenQueue<int>("go");
        using var putting = broker.OpenQueue<int>("putting");
        using var duration = broker.OpenQueue<TimeSpan>("duration");
        var child = workers.Add(WorkerProcess.Start(PutLargeOnGo, queue, go, putting, duration));
        var usual = PutUndisturbed();
        usual = PutUndisturbed();

        for (var inTheMiddle = 0; inTheMiddle < StopsInTheMiddle; inTheMiddle++)
        {
            Timing.Takes(OneSecond, () => TimeOfGetWhileStoppedInTheMiddle());
        }

        TimeSpan TimeOfGetWhileStoppedInTheMiddle()
        {
            TimeSpan? took = null;
            while (took is null)
            {
                go.Put(0);
                putting.Get(Times.Long);
                Spin.For(usual * random.NextDouble());
                using (Signals.Stop(child))
                {
                    var start = Stopwatch.GetTimestamp();
                    if (queue.TryGet(out var tooLate, OneSecond))
                    {
                        // The put was done before it was stopped: a moment that this test is not about.
                        queue.Put(tooLate, Times.Long);
                    }
                    else
                    {
                        took = Stopwatch.GetElapsedTime(start);
                        queue.Put([1, 2, 3], Times.Long);
                        Assert.Equal([1, 2, 3], queue.Get(Times.Long));
                    }
                }

                Assert.Equal(Large.Value, queue.Get(Times.Long));
                duration.Get(Times.Long);
            }

            return took.Value;
        }

        TimeSpan PutUndisturbed()
        {
            go.Put(0);
            putting.Get(Times.Long);
            Assert.Equal(Large.Value, queue.Get(Times.Long));
            return duration.Get(Times.Long);
        }
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Case25_ChildStoppedAfterHalfOfAPutFrame_GetEndsAfterItsSecondAndOtherPutsGoThrough(BrokerPlace place)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<byte[]>("queue");
        using var halfSent = broker.OpenQueue<int>("half sent");
        var child = workers.Add(WorkerProcess.Start(SendHalfOfAPut, queue, halfSent));
        halfSent.Get(Times.Long);
        using var stopped = Signals.Stop(child);

        Timing.Takes(OneSecond, () => Assert.False(queue.TryGet(out _, OneSecond)));

        queue.Put([1, 2, 3], Times.Long);
        Assert.Equal([1, 2, 3], queue.Get(Times.Long));
        child.Kill();
        Assert.True(child.WaitForExit(Times.Long));
        queue.Put([4, 5, 6], Times.Long);
        Assert.Equal([4, 5, 6], queue.Get(Times.Long));
        Assert.Equal(2, queue.GetInfo().TotalPut);
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess, 10)]
    [InlineData(BrokerPlace.InThisProcess, LargeBytes)]
    [InlineData(BrokerPlace.InItsOwnProcess, 10)]
    [InlineData(BrokerPlace.InItsOwnProcess, LargeBytes)]
    public void Case26_ChildStoppedDuringItsDelivery_OthersGoOnAndItsItemIsDeliveredAgain(BrokerPlace place, int itemBytes)
    {
        using var broker = place.StartBroker();
        using var workers = new Workforce();
        using var queue = broker.OpenQueue<byte[]>("queue");
        using var echo = broker.OpenQueue<byte[]>("echo");
        var victim = workers.Add(WorkerProcess.Start(Echo, queue, echo));
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);
        var item = new byte[itemBytes];
        new Random(1).NextBytes(item);

        using var stopped = Signals.Stop(victim);
        queue.Put(item, Times.Long);
        Eventually.True(() => queue.GetInfo() is { Ready: 0, Leased: 1 });

        workers.Add(WorkerProcess.Start(Echo, queue, echo));
        queue.Put([1, 2, 3], Times.Long);
        Assert.Equal([1, 2, 3], echo.Get(Times.Long));
        Eventually.True(() => queue.GetInfo() is { Leased: 1, WaitingGets: 1 });
        victim.Kill();
        Assert.Equal(item, echo.Get(Times.Long));
        Eventually.True(() => queue.GetInfo() is { Ready: 0, Leased: 0, TotalTaken: 2 });
    }

    [UnixTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stop_BrokerStoppedUntilACallGaveUpAndItsHandleIsDisposed_TheConnectionWorksOnAndTheItemIsThere(bool lease)
    {
        using var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint);
        using var other = client.OpenQueue<int>("other");
        var queue = client.OpenQueue<int>("queue");
        queue.Put(1);

        using (Signals.Stop(broker))
        {
            Assert.Throws<BrokerUnavailableException>(() => lease ? queue.Lease(Times.Short).Item : queue.Get(Times.Short));
            queue.Dispose();
        }

        // The late answer, with the item, comes before the answer to this.
        other.Put(2);
        Assert.Equal(2, other.Get(Times.Long));
        using var again = client.OpenQueue<int>("queue");
        Assert.Equal(1, again.Get(Times.Long));
        Assert.Equal(0, other.Count);
    }

    private static void PutLargeOnGo(IpcQueue<byte[]> queue, IpcQueue<int> go, IpcQueue<int> putting, IpcQueue<TimeSpan> duration)
    {
        while (true)
        {
            go.Get();
            var item = Large.Value;
            putting.Put(1);
            var start = Stopwatch.GetTimestamp();
            queue.Put(item);
            duration.Put(Stopwatch.GetElapsedTime(start));
        }
    }

    private static void SendHalfOfAPut(IpcQueue<byte[]> queue, IpcQueue<int> halfSent)
    {
        using var client = RawClient.Greeted(queue.Endpoint);
        var id = client.OpenQueue(queue.Name);
        client.Send(RawClient.Frame(RawClient.Put, id, 3, RawClient.PutBody(Large.Value)).AsSpan(0, LargeBytes / 2));
        halfSent.Put(1);
        Thread.Sleep(Timeout.Infinite);
    }

    private static void Echo(IpcQueue<byte[]> queue, IpcQueue<byte[]> echo)
    {
        while (true)
        {
            echo.Put(queue.Get());
        }
    }

    private static byte[] MakeLarge()
    {
        var item = new byte[LargeBytes];
        new Random(1).NextBytes(item);
        return item;
    }
}
