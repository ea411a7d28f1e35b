using System.Runtime.CompilerServices;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Pools;

/// <summary>Jobs, results, failures, order, cancelling: with workers that live.</summary>
public sealed class WorkerPoolTests
{
    private static readonly WorkerPoolOptions Two = new() { Workers = 2 };
    private static int _initialized;

    public sealed record Order(int Id, string[] What);

    [Fact]
    public async Task RunAsync_RecordThereAndBack_IsTheResultOfTheWork()
    {
        await using var pool = WorkerPool.Start<Order, Order>(Double, Two);
        var order = await pool.RunAsync(new Order(4, ["apples"]), TestContext.Current.CancellationToken).WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        Assert.Equal((8, "apples apples"), (order.Id, Assert.Single(order.What)));
    }

    [Fact]
    public async Task RunAsync_EveryFormOfWork_IsDoneInAnotherProcess()
    {
        using var plain = WorkerPool.Start<int, int>(ProcessOf, Two);
        using var cancellable = WorkerPool.Start<int, int>(ProcessOfCancellable, Two);
        using var later = WorkerPool.Start<int, int>(ProcessOfAsync, Two);
        using var laterCancellable = WorkerPool.Start<int, int>(ProcessOfAsyncCancellable, Two);
        using var lambda = WorkerPool.Start<int, int>(static _ => Environment.ProcessId, Two);
        foreach (var pool in (WorkerPool<int, int>[])[plain, cancellable, later, laterCancellable, lambda])
        {
            Assert.NotEqual(Environment.ProcessId, await pool.RunAsync(0, TestContext.Current.CancellationToken).WaitAsync(Times.Long, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task MapAsync_ManyJobs_EachHasItsResultOnceAndOrderedInOrder()
    {
        using var pool = WorkerPool.Start<int, long>(Square, new WorkerPoolOptions { Workers = 4 });
        var any = new List<(int, long)>();
        await foreach (var done in pool.MapAsync(Enumerable.Range(0, 10_000), TestContext.Current.CancellationToken))
        {
            any.Add((done.Job, done.Result));
        }

        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => (i, (long)i * i)), any.Order());
        var ordered = await pool.MapAsync(Enumerable.Range(0, 1000), ordered: true, TestContext.Current.CancellationToken).Select(done => done.Result).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i * i), ordered);
        Assert.Equal((4, 0, 0, 11_000, 0, 0), Numbers(pool));
    }

    [Fact]
    public async Task MapAsync_NoJobs_Ends()
    {
        using var pool = WorkerPool.Start<int, long>(Square, Two);
        Assert.Empty(await pool.MapAsync(Array.Empty<int>(), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task MapAsync_SameEnumerableTwice_GivesTheResultsTwice()
    {
        using var pool = WorkerPool.Start<int, long>(Square, Two);
        var results = pool.MapAsync([1, 2, 3], ordered: true, TestContext.Current.CancellationToken);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal([1, 4, 9], await results.Select(done => done.Result).ToListAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task RunAsync_JobThrows_HasTypeMessageAndStackAndIsNotDoneAgain()
    {
        using var begun = IpcQueue.Create<int>();
        using var pool = WorkerPool.Start<IpcQueue<int>, int>(CountAndThrow, Two);
        var e = await Assert.ThrowsAsync<WorkerException>(() => pool.RunAsync(begun, TestContext.Current.CancellationToken).WaitAsync(Times.Long));
        Assert.Equal((typeof(FormatException).FullName, "no such order"), (e.Type, e.Message));
        Assert.Contains(nameof(CountAndThrow), e.Stack);
        Assert.Contains(nameof(CountAndThrow), e.ToString());
        Assert.Equal(1, begun.Count);
    }

    [Fact]
    public async Task MapAsync_OneJobThrowsAndOneCannotBeSent_TheOthersHaveResults()
    {
        using var pool = WorkerPool.Start<object, int>(LengthOf, Two);
        var results = await pool.MapAsync(["a", "bb", 1, new InvalidOperationException("me")], ordered: true, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([1, 2], results[..2].Select(done => done.Result));
        Assert.Contains("a number", Assert.Throws<WorkerException>(() => results[2].Result).Message);
        Assert.IsType<ItemSerializationException>(results[3].Failure);
    }

    [Fact]
    public async Task RunAsync_JobTooLargeOrResultTooLarge_FailsAlone()
    {
        using var pool = WorkerPool.Start<byte[], byte[]>(Doubled, Two);
        await Assert.ThrowsAsync<ItemTooLargeException>(() => pool.RunAsync(new byte[17_000_000], TestContext.Current.CancellationToken));
        var e = await Assert.ThrowsAsync<WorkerException>(() => pool.RunAsync(new byte[9_000_000], TestContext.Current.CancellationToken).WaitAsync(Times.Long));
        Assert.Equal(typeof(ItemTooLargeException).FullName, e.Type);
        Assert.Equal(8_000_000, (await pool.RunAsync(new byte[4_000_000], TestContext.Current.CancellationToken).WaitAsync(Times.Long, TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task MapAsync_WorkersAreBusy_ReadsAFewJobsForEachAndNoMore()
    {
        using var go = IpcQueue.Create<bool>();
        using var pool = WorkerPool.Start<(IpcQueue<bool> Go, int Job), int>(WaitForGo, Two);
        var read = 0;
        IEnumerable<(IpcQueue<bool>, int)> Jobs()
        {
            for (var i = 0; i < 100; i++)
            {
                Volatile.Write(ref read, i + 1);
                yield return (go, i);
            }
        }

        var all = Task.Run(async () => await pool.MapAsync(Jobs()).CountAsync());
        Eventually.True(() => pool.Progress.Running == 4);
        go.PutMany(Enumerable.Repeat(true, 10));
        Eventually.True(() => pool.Progress is { Done: 10, Running: 4 });
        Assert.InRange(Volatile.Read(ref read), 14, 10 + (2 * 16));
        go.PutMany(Enumerable.Repeat(true, 90));
        Assert.Equal(100, await all.WaitAsync(Times.Long, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task MapAsync_NobodyTakesTheResults_ReadsNoMoreJobs()
    {
        using var pool = WorkerPool.Start<int, long>(Square, Two);
        var read = 0;
        var results = pool.MapAsync(Enumerable.Range(0, 100_000).Select(i => read = i + 1), TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await using (results)
        {
            Assert.True(await results.MoveNextAsync());
            Eventually.True(() => pool.Progress is { Running: 0, Waiting: 0 });
            Assert.InRange(Volatile.Read(ref read), 1, 64);
        }
    }

    [Fact]
    public async Task MapAsync_SourceThrows_TheReaderIsTold()
    {
        using var pool = WorkerPool.Start<int, long>(Square, Two);
        static async IAsyncEnumerable<int> Jobs([EnumeratorCancellation] CancellationToken ct = default)
        {
            yield return 1;
            await Task.Yield();
            throw new FormatException("no more jobs");
        }

        var e = await Assert.ThrowsAsync<FormatException>(async () => await pool.MapAsync(Jobs(TestContext.Current.CancellationToken)).CountAsync());
        Assert.Equal("no more jobs", e.Message);
        Assert.Equal(9, await pool.RunAsync(3, TestContext.Current.CancellationToken).WaitAsync(Times.Long, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task RunAsync_LongJobAndQuickOnesBehindIt_TheQuickOnesGoToTheOther()
    {
        using var go = IpcQueue.Create<bool>();
        using var pool = WorkerPool.Start<(IpcQueue<bool> Go, int Job), int>(WaitForGoIfFirst, Two);
        foreach (var job in Enumerable.Range(1, 200))
        {
            await pool.RunAsync((go, job), TestContext.Current.CancellationToken).WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        }

        // Both are quick as far as is known: what comes now is spread over both, and half of it stands behind the long one.
        var all = Enumerable.Range(0, 16).Select(job => pool.RunAsync((go, job), TestContext.Current.CancellationToken)).ToArray();
        await Task.WhenAll(all[1..]).WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        Assert.False(all[0].IsCompleted);
        go.Put(true);
        Assert.Equal(0, await all[0].WaitAsync(Times.Long, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task RunAsync_Cancelled_TheWorkIsToldAndTheWorkerGoesOn()
    {
        using var begun = IpcQueue.Create<int>();
        using var pool = WorkerPool.Start<IpcQueue<int>, int>(WaitUntilCancelled, new WorkerPoolOptions { Workers = 1 });
        using var cancel = new CancellationTokenSource();
        var run = pool.RunAsync(begun, cancel.Token);
        var worker = begun.Get(Times.Long);
        await cancel.CancelAsync();
        Assert.Equal(cancel.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => run)).CancellationToken);
        Assert.Equal(-1, begun.Get(Times.Long));
        using var again = new CancellationTokenSource();
        var next = pool.RunAsync(begun, again.Token);
        Assert.Equal(worker, begun.Get(Times.Long));
        Assert.False(next.IsCompleted);
        await again.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task MapAsync_CancelledWhileJobsDoNotListen_TheirWorkersAreEndedAfterTheShutdownTimeout()
    {
        using var begun = IpcQueue.Create<int>();
        using var pool = WorkerPool.Start<IpcQueue<int>, int>(Hang, new WorkerPoolOptions { Workers = 2, ShutdownTimeout = Times.Short });
        using var cancel = new CancellationTokenSource();
        var map = Task.Run(async () => await pool.MapAsync(Enumerable.Repeat(begun, 10), cancel.Token).CountAsync());
        int[] hung = [begun.Get(Times.Long), begun.Get(Times.Long)];
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => map);
        Eventually.True(() => !hung.Any(ProcessTable.IsRunning));
        Eventually.True(() => pool.Progress is { Workers: 2, Waiting: 0, Running: 0 });
        Assert.Equal(0, begun.Count);
    }

    [Fact]
    public async Task RunAsync_LongerThanJobTimeout_FailsAndItsWorkerIsReplaced()
    {
        using var begun = IpcQueue.Create<int>();
        using var pool = WorkerPool.Start<IpcQueue<int>, int>(HangIfFirst, new WorkerPoolOptions { Workers = 1, JobTimeout = TimeSpan.FromSeconds(2) });
        begun.Put(0);
        var e = await Assert.ThrowsAsync<TimeoutException>(() => pool.RunAsync(begun, TestContext.Current.CancellationToken).WaitAsync(Times.Long));
        Assert.Contains("JobTimeout", e.Message);
        Assert.Equal(7, await pool.RunAsync(begun, TestContext.Current.CancellationToken).WaitAsync(Times.Long, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task MaxJobsPerWorker_MoreJobs_NoWorkerDoesMore()
    {
        using var pool = WorkerPool.Start<int, int>(ProcessOf, new WorkerPoolOptions { Workers = 2, MaxJobsPerWorker = 3 });
        var workers = await pool.MapAsync(Enumerable.Range(0, 12), TestContext.Current.CancellationToken).Select(done => done.Result).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(12, workers.Count);
        Assert.All(workers.GroupBy(id => id), jobs => Assert.InRange(jobs.Count(), 1, 3));
        Assert.Equal(0, pool.Progress.WorkersDied);
    }

    [Fact]
    public async Task Initializer_Runs_BeforeTheFirstJobOfEachWorker()
    {
        using var pool = WorkerPool.Start<int, int>(Initialized, new WorkerPoolOptions { Workers = 2, Initializer = Initialize });
        Assert.All(await pool.MapAsync(Enumerable.Range(0, 100), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken), done => Assert.Equal(1, done.Result));
        Assert.Equal(0, _initialized);
    }

    [Fact]
    public async Task Progress_WhileJobsAreDone_EndsWithAllOfThem()
    {
        var last = default(WorkerPoolProgress);
        using var pool = WorkerPool.Start<int, long>(Square, new WorkerPoolOptions { Workers = 2, Progress = new Told(progress => last = progress) });
        Assert.Equal(500, await pool.MapAsync(Enumerable.Range(0, 500), TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Eventually.True(() => last is { Workers: 2, Done: 500, Running: 0, Waiting: 0, Failed: 0 });
    }

    [Fact]
    public void Start_WorkWithSomethingFromAroundIt_IsRefused()
    {
        var factor = Environment.ProcessId;
        var e = Assert.Throws<ArgumentException>(() => WorkerPool.Start<int, int>(job => job * factor));
        Assert.Contains("factor", e.Message);
    }

    [Fact]
    public void Start_OptionsOutOfRange_AreNamed()
    {
        Assert.Equal("Workers", Refused(new WorkerPoolOptions { Workers = 0 }));
        Assert.Equal("MaxFailures", Refused(new WorkerPoolOptions { MaxFailures = 0 }));
        Assert.Equal("MaxJobsPerWorker", Refused(new WorkerPoolOptions { MaxJobsPerWorker = -1 }));
        Assert.Equal("JobTimeout", Refused(new WorkerPoolOptions { JobTimeout = TimeSpan.Zero }));
        Assert.Equal("ShutdownTimeout", Refused(new WorkerPoolOptions { ShutdownTimeout = TimeSpan.FromSeconds(-2) }));
    }

    private static string? Refused(WorkerPoolOptions options) => Assert.Throws<ArgumentOutOfRangeException>(() => WorkerPool.Start<int, long>(Square, options)).ParamName;

    private static (int Workers, int Waiting, int Running, long Done, long Failed, int Died) Numbers(WorkerPool pool)
    {
        Eventually.True(() => pool.Progress.Workers == 4);
        var (workers, waiting, running, done, failed, died) = pool.Progress;
        return (workers, waiting, running, done, failed, died);
    }

    private static Order Double(Order order) => new(order.Id * 2, [string.Join(' ', order.What.Concat(order.What))]);

    private static long Square(int number) => (long)number * number;

    private static int ProcessOf(int job) => Environment.ProcessId;

    private static int ProcessOfCancellable(int job, CancellationToken ct) => ct.CanBeCanceled ? Environment.ProcessId : 0;

    private static async Task<int> ProcessOfAsync(int job)
    {
        await Task.Yield();
        return Environment.ProcessId;
    }

    private static async Task<int> ProcessOfAsyncCancellable(int job, CancellationToken ct)
    {
        await Task.Yield();
        return ct.CanBeCanceled ? Environment.ProcessId : 0;
    }

    private static int CountAndThrow(IpcQueue<int> begun)
    {
        begun.Put(1);
        throw new FormatException("no such order");
    }

    private static int LengthOf(object job) => job is string text ? text.Length : throw new ArgumentException("this is a number");

    private static byte[] Doubled(byte[] bytes) => new byte[bytes.Length * 2];

    private static int WaitForGo((IpcQueue<bool> Go, int Job) job)
    {
        job.Go.Get();
        return job.Job;
    }

    private static int WaitForGoIfFirst((IpcQueue<bool> Go, int Job) job)
    {
        if (job.Job == 0)
        {
            job.Go.Get();
        }

        return job.Job;
    }

    private static int WaitUntilCancelled(IpcQueue<int> begun, CancellationToken ct)
    {
        begun.Put(Environment.ProcessId, CancellationToken.None);
        ct.WaitHandle.WaitOne();
        begun.Put(-1, CancellationToken.None);
        ct.ThrowIfCancellationRequested();
        return 0;
    }

    private static int Hang(IpcQueue<int> begun)
    {
        begun.Put(Environment.ProcessId);
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    private static int HangIfFirst(IpcQueue<int> begun)
    {
        if (begun.TryGet(out _))
        {
            Thread.Sleep(Timeout.Infinite);
        }

        return 7;
    }

    private static void Initialize() => _initialized++;

    private static int Initialized(int job) => _initialized;

    private sealed class Told(Action<WorkerPoolProgress> tell) : IProgress<WorkerPoolProgress>
    {
        public void Report(WorkerPoolProgress value) => tell(value);
    }
}
