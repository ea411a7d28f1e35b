using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Pools;

/// <summary>Pools that are disposed, and pools whose process ends.</summary>
public sealed class PoolEndTests
{
    private static readonly WorkerPoolOptions Two = new() { Workers = 2 };

    [Fact]
    public async Task Dispose_JobsUnderWay_TheyFailAndTheWorkersHaveEnded()
    {
        using var begun = IpcQueue.Create<int>();
        Task<int>[] runs;
        int worker;
        using (var pool = WorkerPool.Start<IpcQueue<int>, int>(WaitUntilCancelled, new WorkerPoolOptions { Workers = 1 }))
        {
            runs = [.. Enumerable.Range(0, 5).Select(_ => pool.RunAsync(begun))];
            worker = begun.Get(Times.Long);
        }

        Assert.False(ProcessTable.IsRunning(worker));
        foreach (var run in runs)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => run);
        }

        Assert.Equal([-1], begun.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public async Task RunAsync_PoolIsDisposed_SaysSo()
    {
        var pool = WorkerPool.Start<int, int>(Same, Two);
        pool.Dispose();
        pool.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.RunAsync(1, TestContext.Current.CancellationToken));
        Assert.Equal(0, pool.Progress.WorkersDied);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MapAsync_PoolIsDisposed_SaysSo(bool ordered)
    {
        var pool = WorkerPool.Start<int, int>(Same, Two);
        pool.Dispose();
        foreach (var jobs in (int[][])[[], [1]])
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.MapAsync(jobs, ordered, TestContext.Current.CancellationToken).CountAsync().AsTask().WaitAsync(Times.Long));
        }
    }

    /// <summary>The last job is given to a pool that is no more, or never comes.</summary>
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task MapAsync_PoolIsDisposedWhileTheSourceTakesItsTime_SaysSo(bool ordered, bool comes)
    {
        var pool = WorkerPool.Start<int, int>(Same, Two);
        var isDisposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var results = pool.MapAsync(Jobs(isDisposed.Task), ordered, TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.True(await results.MoveNextAsync());
        Assert.Equal(3, results.Current.Result);
        pool.Dispose();
        if (comes)
        {
            isDisposed.SetResult();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => results.MoveNextAsync().AsTask().WaitAsync(Times.Long));

        static async IAsyncEnumerable<int> Jobs(Task until)
        {
            yield return 3;
            await until;
            yield return 4;
        }
    }

    /// <summary>Seen as an exception on the pool's own thread, while the process was about to end with the code of its Main.</summary>
    [Fact]
    public void ProcessEnds_PoolNeverDisposed_ItsCallsFailAndTheExitCodeStays()
    {
        using var workers = new Workforce();
        using var said = IpcQueue.Create<string>();
        var owner = workers.Add(WorkerProcess.Start(NeverDispose, said));
        Assert.True(owner.WaitForExit(Times.Long));
        Assert.Equal((7, null), (owner.ExitCode, owner.Failure?.Message));
        Assert.Contains("process of the pool ends", said.Get(Times.Long));
    }

    [UnixFact]
    public void ParentKilled_InTheMiddleOfAMap_AllItsWorkersAreGoneInTime()
    {
        using var workers = new Workforce();
        using var running = IpcQueue.Create<int>();
        var owner = workers.Add(WorkerProcess.Start(OwnPool, running));
        int[] ids = [.. Enumerable.Range(0, 3).Select(_ => running.Get(Times.Long))];
        Assert.All(ids, id => Assert.True(ProcessTable.IsRunning(id)));
        owner.Kill();
        var dead = Stopwatch.GetTimestamp();
        Eventually.True(() => !ids.Any(ProcessTable.IsRunning));
        Assert.InRange(Stopwatch.GetElapsedTime(dead), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private static async Task<int> NeverDispose(IpcQueue<string> said)
    {
        var pool = WorkerPool.Start<int, int>(Same, new WorkerPoolOptions { Workers = 2 });
        await pool.RunAsync(1);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            // Behind the end of the process's broker.
            said.Put(WhyNoMore(pool));
            pool.Dispose();
        };
        return 7;
    }

    private static string WhyNoMore(WorkerPool<int, int> pool)
    {
        while (true)
        {
            try
            {
                pool.RunAsync(1).WaitAsync(Times.Long).GetAwaiter().GetResult();
            }
            catch (IOException e)
            {
                return e.Message;
            }
        }
    }

    private static int Same(int job) => job;

    private static int WaitUntilCancelled(IpcQueue<int> begun, CancellationToken ct)
    {
        begun.Put(Environment.ProcessId, CancellationToken.None);
        ct.WaitHandle.WaitOne();
        begun.Put(-1, CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return 0;
    }

    private static async Task OwnPool(IpcQueue<int> running)
    {
        using var pool = WorkerPool.Start<IpcQueue<int>, int>(HangForEver, new WorkerPoolOptions { Workers = 3 });
        await pool.MapAsync(Enumerable.Repeat(running, 10)).CountAsync();
    }

    private static int HangForEver(IpcQueue<int> running)
    {
        running.Put(Environment.ProcessId);
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}
