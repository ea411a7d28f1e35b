using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Pools;

/// <summary>Workers of a pool that die, in whatever way, and jobs that do what one should not.</summary>
public sealed class PoolDeathTests(ITestOutputHelper output)
{
    private const int Kills = 200;
    private const int Jobs = 20_000;

    public enum Way
    {
        Kill,
        Exit,
        FailFast,
        Stack,
        OtherThread,
    }

    [Fact]
    public async Task MapAsync_WorkersKilledAtRandom_EachJobHasItsResultOnce()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var pool = WorkerPool.Start<int, (int Job, int Worker)>(Spin, new WorkerPoolOptions { Workers = 4, MaxFailures = 10 });
        var seen = new int[Jobs];
        var killed = new HashSet<int>();
        var results = 0;
        await foreach (var done in pool.MapAsync(Enumerable.Range(0, Jobs), TestContext.Current.CancellationToken))
        {
            seen[done.Job]++;
            Assert.Equal(done.Job, done.Result.Job);

            // Whoever had a result just now is in the middle of the next job, or between two.
            var isDue = killed.Count < Kills && ++results > killed.Count * (Jobs / Kills) * 9 / 10;
            if (isDue && random.Next(4) == 0 && killed.Add(done.Result.Worker))
            {
                ProcessTable.KillIfThere(done.Result.Worker);
            }
        }

        output.WriteLine($"{killed.Count} kills, {pool.Progress}");
        Assert.All(seen, times => Assert.Equal(1, times));
        Assert.Equal(Kills, killed.Count);
        Assert.Equal((Jobs, 0), (pool.Progress.Done, pool.Progress.Failed));
    }

    [Theory]
    [InlineData(Way.Kill)]
    [InlineData(Way.Exit)]
    [InlineData(Way.FailFast)]
    [InlineData(Way.Stack)]
    [InlineData(Way.OtherThread)]
    public async Task MapAsync_JobKillsItsWorker_ItAloneFailsAfterSoManyWorkers(Way way)
    {
        const int Poison = 50;
        using var deaths = IpcQueue.Create<int>();
        using var pool = WorkerPool.Start<(IpcQueue<int> Deaths, Way? Way), int>(Die, new WorkerPoolOptions { Workers = 2, MaxFailures = 3 });
        var results = await pool.MapAsync(Enumerable.Range(0, 100).Select(job => (deaths, job == Poison ? way : (Way?)null)), ordered: true, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        var e = Assert.IsType<WorkerDiedException>(Assert.Single(results, done => done.Failure is not null).Failure);
        Assert.Same(e, results[Poison].Failure);
        Assert.Equal((3, 3), (e.Deaths, deaths.Count));
        Assert.Equal(3, pool.Progress.WorkersDied);
        if (way == Way.OtherThread)
        {
            Assert.Equal("on the pool", e.Failure?.Message);
        }
        else if (way == Way.Exit)
        {
            Assert.Equal(5, e.ExitCode);
        }
    }

    [Fact]
    public async Task RunAsync_MaxFailuresOneAndThousandsOfJobsDoneBefore_OnlyThePoisonFails()
    {
        using var deaths = IpcQueue.Create<int>();
        using var pool = WorkerPool.Start<(IpcQueue<int> Deaths, Way? Way), int>(Die, new WorkerPoolOptions { Workers = 4, MaxFailures = 1 });
        var results = await pool.MapAsync(Enumerable.Range(0, 4000).Select(job => (deaths, job % 400 == 399 ? Way.Kill : (Way?)null)), ordered: true, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (i * 400) + 399), results.Index().Where(done => done.Item.Failure is not null).Select(done => done.Index));
        Assert.Equal(10, deaths.Count);
    }

    [Fact]
    public async Task Start_InitializerThrows_ThePoolFailsInWords()
    {
        using var pool = WorkerPool.Start<int, int>(Same, new WorkerPoolOptions { Workers = 2, Initializer = Refuse });
        var e = await Assert.ThrowsAsync<IOException>(() => pool.RunAsync(1, TestContext.Current.CancellationToken).WaitAsync(Times.Long));
        Assert.Contains("cannot start", e.Message);
        Assert.Contains("no licence", e.Message);
        Assert.IsType<WorkerException>(e.InnerException);
        foreach (var ordered in (bool[])[false, true])
        {
            await Assert.ThrowsAsync<IOException>(() => pool.MapAsync([1, 2], ordered, TestContext.Current.CancellationToken).CountAsync().AsTask().WaitAsync(Times.Long));
        }
    }

    [Fact]
    public async Task Start_WorkersExitBeforeTheyAreReady_ThePoolFailsWithTheirExitCode()
    {
        using var pool = WorkerPool.Start<int, int>(Same, new WorkerPoolOptions { Workers = 2, Initializer = Leave });
        var e = await Assert.ThrowsAsync<IOException>(async () => await pool.MapAsync(Enumerable.Range(0, 100), TestContext.Current.CancellationToken).CountAsync().AsTask().WaitAsync(Times.Long));
        Assert.Contains("exit code 9", e.Message);
    }

    [Fact]
    public async Task RunAsync_JobReadsItsInputAndWritesMuchOutputAndStartsChildren_IsDone()
    {
        using var pool = WorkerPool.Start<string, string>(Misbehave, new WorkerPoolOptions { Workers = 2 });
        var results = await pool.MapAsync(["in", "out", "children", "in"], ordered: true, TestContext.Current.CancellationToken).Select(done => done.Result).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["read nothing", "written", "child ended with 0", "read nothing"], results);
    }

    private static (int Job, int Worker) Spin(int job)
    {
        Thread.SpinWait(2000);
        return (job, Environment.ProcessId);
    }

    private static int Die((IpcQueue<int> Deaths, Way? Way) job)
    {
        if (job.Way is null)
        {
            return 0;
        }

        job.Deaths.Put(Environment.ProcessId);
        switch (job.Way)
        {
            case Way.Kill:
                Process.GetCurrentProcess().Kill();
                break;
            case Way.Exit:
                Environment.Exit(5);
                break;
            case Way.FailFast:
                Environment.FailFast("enough");
                break;
            case Way.Stack:
                return Deeper(0) + 1;
            case Way.OtherThread:
                ThreadPool.QueueUserWorkItem(_ => throw new InvalidOperationException("on the pool"));
                break;
        }

        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    private static int Deeper(int depth) => depth < 0 ? 0 : Deeper(depth + 1) + Deeper(depth + 2);

    private static int Same(int job) => job;

    private static void Refuse() => throw new InvalidOperationException("no licence");

    private static void Leave() => Environment.Exit(9);

    private static string Misbehave(string how)
    {
        switch (how)
        {
            case "in":
                return Console.In.ReadToEnd().Length == 0 ? "read nothing" : "read something";
            case "out":
                for (var i = 0; i < 30_000; i++)
                {
                    Console.Out.Write("                                                                                                   \r");
                }

                return "written";
            default:
                var info = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd", "/c exit 0") : new ProcessStartInfo("true");
                using (var child = Process.Start(info)!)
                {
                    child.WaitForExit();
                    return $"child ended with {child.ExitCode}";
                }
        }
    }
}
