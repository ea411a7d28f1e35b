using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A lease is alive from its arrival, also while every thread of the pool is busy and nobody has it in his hands yet.</summary>
public sealed class BusyPoolTests
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Busy = LeaseTime * 6;

    [Fact]
    public void Case66_LeaseAsync_PoolIsBusyForLongerThanTheLease_IsStillHeld() => Passes(LeaseOne);

    [Fact]
    public void Case66_LeaseManyAsync_PoolIsBusyForLongerThanTheLease_AllAreStillHeld() => Passes(LeaseTwo);

    [Fact]
    public void Case66_LeaseAllAsync_PoolIsBusyForLongerThanTheLease_TheItemComesOnce() => Passes(LeaseAll);

    private static void Passes(Action<IpcQueue<string>> job)
    {
        using var results = IpcQueue.Create<string>();
        using var worker = WorkerProcess.Start(job, results);

        Assert.Equal("held", results.Get(Times.Long));
    }

    private static void LeaseOne(IpcQueue<string> results)
    {
        using var queue = Small();
        var waiting = queue.LeaseAsync().AsTask();
        KeepPoolBusy(queue);
        queue.Put(1);

        using var lease = waiting.GetAwaiter().GetResult();
        lease.Ack();
        results.Put("held");
    }

    private static void LeaseTwo(IpcQueue<string> results)
    {
        using var queue = Small();
        var waiting = queue.LeaseManyAsync(2, Timeout.InfiniteTimeSpan).AsTask();
        KeepPoolBusy(queue);
        queue.PutMany([1, 2]);

        foreach (var lease in waiting.GetAwaiter().GetResult())
        {
            lease.Ack();
        }

        results.Put("held");
    }

    private static void LeaseAll(IpcQueue<string> results)
    {
        using var queue = Small();
        var times = 0;
        _ = Task.Run(async () =>
        {
            await foreach (var lease in queue.LeaseAllAsync())
            {
                Interlocked.Increment(ref times);
                lease.Ack();
            }
        });
        KeepPoolBusy(queue);
        queue.Put(1);

        queue.Join(Times.Long);
        results.Put(times == 1 ? "held" : $"came {times} times");
    }

    private static IpcQueue<int> Small()
    {
        ThreadPool.SetMinThreads(2, 2);
        ThreadPool.SetMaxThreads(2, 2);
        return IpcQueue.Create<int>(new QueueOptions { LeaseTime = LeaseTime });
    }

    /// <summary>From when somebody waits on the queue, for some lease times: both threads of the pool do something long.</summary>
    private static void KeepPoolBusy(IpcQueue<int> queue)
    {
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);
        using var started = new CountdownEvent(2);
        for (var i = 0; i < 2; i++)
        {
            ThreadPool.QueueUserWorkItem(_ =>
            {
                started.Signal();
                new ManualResetEventSlim().Wait(Busy);
            });
        }

        started.Wait();
    }
}
