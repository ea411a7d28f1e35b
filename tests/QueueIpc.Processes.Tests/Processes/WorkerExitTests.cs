using System.Diagnostics;
using System.Runtime.InteropServices;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>How workers end, and what their parent learns of it.</summary>
public sealed partial class WorkerExitTests
{
    private const int KilledExitCode = 137;
    private const int TerminatedExitCode = 143;
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void Case46_MethodReturns_ExitCodeIsZero()
    {
        using var worker = WorkerProcess.Start(DoNothing);
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.True(worker.HasExited);
        Assert.Equal(0, worker.ExitCode);
        Assert.Null(worker.Failure);
    }

    [Fact]
    public void Case46_MethodReturnsANumber_ItIsTheExitCode()
    {
        using var worker = WorkerProcess.Start(Return, 42);
        worker.WaitForExit();
        Assert.Equal(42, worker.ExitCode);
        Assert.Null(worker.Failure);
    }

    [Fact]
    public void Case46_MethodThrows_ExitCodeIsOneAndFailureHasTypeMessageAndStack()
    {
        using var worker = WorkerProcess.Start(Throw, "no luck");
        Assert.True(worker.WaitForExit(Times.Long));
        AssertFailed(worker, nameof(Throw));
    }

    [Fact]
    public void Case46_AsynchronousMethodThrows_ExitCodeIsOneAndFailureHasTypeMessageAndStack()
    {
        using var worker = WorkerProcess.Start(ThrowLater, "no luck");
        Assert.True(worker.WaitForExit(Times.Long));
        AssertFailed(worker, nameof(ThrowLater));
    }

    [UnixFact]
    public void Case46_MethodThrows_ItsTextIsOnTheStandardErrorOfTheChild()
    {
        using var workers = new Workforce();
        using var texts = IpcQueue.Create<string>();
        var worker = workers.Add(WorkerProcess.Start(CatchStandardErrorOfFailingChild, texts));

        var text = texts.Get(Times.Long);

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Contains("System.InvalidOperationException: no luck", text);
        Assert.Contains("the deeper reason", text);
        Assert.Contains(nameof(Throw), text);
    }

    [Fact]
    public void Case46_WorkerKilled_ExitCodeIsWhatThePlatformReports()
    {
        using var workers = new Workforce();
        using var running = IpcQueue.Create<int>();
        var worker = workers.Add(WorkerProcess.Start(Block, running));
        Assert.Equal(worker.Id, running.Get(Times.Long));

        worker.Kill();

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(OperatingSystem.IsWindows() ? -1 : KilledExitCode, worker.ExitCode);
        Assert.Null(worker.Failure);
        worker.Kill();
    }

    [Fact]
    public void Case46_WaitForExitOfAWorkerThatStays_TakesItsTimeAndNoLonger()
    {
        using var workers = new Workforce();
        using var running = IpcQueue.Create<int>();
        var worker = workers.Add(WorkerProcess.Start(Block, running));
        running.Get(Times.Long);

        Timing.Takes(ShortWait, () => Assert.False(worker.WaitForExit(ShortWait)));

        Assert.False(worker.HasExited);
        Assert.Null(worker.Failure);
        Assert.Throws<InvalidOperationException>(() => worker.ExitCode);
        Assert.False(worker.WaitForExit(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => worker.WaitForExit(TimeSpan.FromMilliseconds(-2)));
    }

    [Fact]
    public async Task WaitForExitAsync_Cancelled_ThrowsAndTheWorkerRunsOn()
    {
        using var workers = new Workforce();
        using var running = IpcQueue.Create<int>();
        using var cancel = new CancellationTokenSource();
        var worker = workers.Add(WorkerProcess.Start(Block, running));
        running.Get(Times.Long);
        var waiting = worker.WaitForExitAsync(cancel.Token);
        Assert.False(waiting.IsCompleted);

        await cancel.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Times.Long));
        Assert.Equal(cancel.Token, e.CancellationToken);
        Assert.False(worker.HasExited);
        worker.Kill();
        await worker.WaitForExitAsync(CancellationToken.None).WaitAsync(Times.Long);
    }

    [Fact]
    public void Terminate_WorkerInAnyState_EndsWithItsCode()
    {
        using var workers = new Workforce();
        using var running = IpcQueue.Create<int>();
        WorkerProcess[] all =
        [
            workers.Add(WorkerProcess.Start(Block, running)),
            workers.Add(WorkerProcess.Start(BlockInGet, running, IpcQueue.Create<int>())),
            workers.Add(WorkerProcess.Start(Loop, running)),
            workers.Add(WorkerProcess.Start(AwaitForEver, running)),
        ];
        Assert.Equal(all.Select(worker => worker.Id).Order(), all.Select(_ => running.Get(Times.Long)).Order());

        foreach (var worker in all)
        {
            worker.Terminate();
        }

        Assert.All(all, worker => Assert.True(worker.WaitForExit(Times.Long)));
        Assert.All(all, worker => Assert.Equal(TerminatedExitCode, worker.ExitCode));
        Assert.All(all, worker => Assert.Null(worker.Failure));
    }

    [Fact]
    public void Terminate_WorkerThatHasHardlyStarted_EndsWithItsCode()
    {
        using var workers = new Workforce();
        using var running = IpcQueue.Create<int>();
        var worker = workers.Add(WorkerProcess.Start(Block, running));

        worker.Terminate();

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(TerminatedExitCode, worker.ExitCode);
    }

    [Fact]
    public void Terminate_WorkerWithExitHandler_TheHandlerRuns()
    {
        using var workers = new Workforce();
        using var running = IpcQueue.Create<int>();
        using var farewell = IpcQueue.Create<string>();
        var worker = workers.Add(WorkerProcess.Start(BlockWithExitHandler, running, farewell));
        running.Get(Times.Long);

        worker.Terminate();

        Assert.Equal("bye", farewell.Get(Times.Long));
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(TerminatedExitCode, worker.ExitCode);
    }

    [Fact]
    public void Terminate_WorkerThatHasEnded_ChangesNothing()
    {
        using var worker = WorkerProcess.Start(Return, 3);
        Assert.True(worker.WaitForExit(Times.Long));

        worker.Terminate();

        Assert.Equal(3, worker.ExitCode);
    }

    [Fact]
    public void Return_WithForegroundThreadsStillRunning_TheProcessEndsAllTheSame()
    {
        using var workers = new Workforce();
        var worker = workers.Add(WorkerProcess.Start(LeakForegroundThreads));
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(7, worker.ExitCode);
    }

    [Fact]
    public void Exit_CalledByTheMethod_ItsCodeIsTheExitCode()
    {
        using var workers = new Workforce();
        var worker = workers.Add(WorkerProcess.Start(static () => Environment.Exit(9)));
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(9, worker.ExitCode);
    }

    [Fact]
    public void Dispose_WorkerStillRuns_ItRunsOnToItsEnd()
    {
        using var go = IpcQueue.Create<int>();
        using var done = IpcQueue.Create<int>();
        var worker = WorkerProcess.Start(GetAndPut, go, done);
        var id = worker.Id;
        Eventually.True(() => go.GetInfo().WaitingGets == 1);

        worker.Dispose();

        Assert.True(ProcessTable.IsRunning(id));
        go.Put(5);
        Assert.Equal(5, done.Get(Times.Long));
        Eventually.True(() => !ProcessTable.IsRunning(id));
    }

    private static void AssertFailed(WorkerProcess worker, string method)
    {
        Assert.Equal(1, worker.ExitCode);
        var failure = worker.Failure;
        Assert.NotNull(failure);
        Assert.Equal("System.InvalidOperationException", failure.Type);
        Assert.Equal("no luck", failure.Message);
        Assert.Contains("the deeper reason", failure.Stack);
        Assert.Contains($"{nameof(WorkerExitTests)}.{method}", failure.Stack);
        Assert.Same(failure, worker.Failure);
    }

    private static void DoNothing()
    {
    }

    private static int Return(int code) => code;

    private static void Throw(string message) => throw new InvalidOperationException(message, new IOException("the deeper reason"));

    private static async Task ThrowLater(string message)
    {
        await Task.Yield();
        Throw(message);
    }

    private static void Block(IpcQueue<int> running)
    {
        running.Put(Environment.ProcessId);
        Thread.Sleep(Timeout.Infinite);
    }

    private static void BlockInGet(IpcQueue<int> running, IpcQueue<int> empty)
    {
        running.Put(Environment.ProcessId);
        empty.Get();
    }

    private static void Loop(IpcQueue<int> running)
    {
        running.Put(Environment.ProcessId);
        while (true)
        {
            // Nothing in here ever waits.
        }
    }

    private static async Task AwaitForEver(IpcQueue<int> running)
    {
        running.Put(Environment.ProcessId);
        await new TaskCompletionSource().Task;
    }

    private static void BlockWithExitHandler(IpcQueue<int> running, IpcQueue<string> farewell)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => farewell.Put("bye");
        Block(running);
    }

    private static int LeakForegroundThreads()
    {
        for (var i = 0; i < 3; i++)
        {
            new Thread(() => Thread.Sleep(Timeout.Infinite)) { IsBackground = false }.Start();
        }

        return 7;
    }

    private static void GetAndPut(IpcQueue<int> go, IpcQueue<int> done) => done.Put(go.Get());

    /// <summary>Children inherit the standard error of their parent; so this one's is made a file first.</summary>
    private static void CatchStandardErrorOfFailingChild(IpcQueue<string> texts)
    {
        var path = Path.GetTempFileName();
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            const int StandardError = 2;
            Assert.Equal(StandardError, dup2((int)file.DangerousGetHandle(), StandardError));
            using var child = WorkerProcess.Start(Throw, "no luck");
            child.WaitForExit();
        }

        texts.Put(File.ReadAllText(path));
        File.Delete(path);
    }

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);
}
