using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>What a process has started ends with it, however it ends; only what was detached stays.</summary>
public sealed class OwnerDeathTests
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    public sealed record Brokers(string Owned, string Detached);

    [UnixFact]
    public void Case29_OwnerKilled_ItsBrokerAndWorkersAreGoneInTimeAndTheDetachedBrokerStays()
    {
        using var workers = new Workforce();
        using var brokers = IpcQueue.Create<Brokers>();
        using var running = IpcQueue.Create<int>();
        var owner = workers.Add(WorkerProcess.Start(OwnBrokersAndWorkers, brokers, running));
        var (owned, detached) = brokers.Get(Times.Long);
        var broker = RawClient.BrokerProcessId(owned);
        var stays = RawClient.BrokerProcessId(detached);
        int[] end = [broker, .. Enumerable.Range(0, 3).Select(_ => running.Get(Times.Long))];
        Assert.All(end, id => Assert.True(ProcessTable.IsRunning(id)));

        owner.Kill();
        var start = Stopwatch.GetTimestamp();

        Eventually.True(() => !end.Any(ProcessTable.IsRunning));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, EndLimit);
        Assert.True(ProcessTable.IsRunning(stays));
        using (var queue = IpcQueue.Open<string>(detached, "kept"))
        {
            Assert.Equal("from its late owner", queue.Get(Times.Long));
        }

        Signals.Terminate(stays);
        Eventually.True(() => !ProcessTable.IsRunning(stays));
        Assert.False(File.Exists(owned));
        Assert.False(File.Exists(detached));
    }

    [Fact]
    public void Case29_OwnerDiesBeforeItsWorkersHaveStarted_TheyAreGoneInTime()
    {
        using var workers = new Workforce();
        using var started = IpcQueue.Create<int>();
        var owner = workers.Add(WorkerProcess.Start(StartWorkersAndDie, started));
        Assert.True(owner.WaitForExit(Times.Long));
        var start = Stopwatch.GetTimestamp();
        int[] orphans = [.. started.GetMany(10, Times.Long)];
        Assert.Equal(3, orphans.Length);

        Eventually.True(() => !orphans.Any(ProcessTable.IsRunning));

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, EndLimit);
    }

    [Fact]
    public void Case29_OwnerEndsByItself_ItsBrokerAndWorkersAreGoneInTime()
    {
        using var workers = new Workforce();
        using var brokers = IpcQueue.Create<Brokers>();
        using var running = IpcQueue.Create<int>();
        using var go = IpcQueue.Create<int>();
        var owner = workers.Add(WorkerProcess.Start(OwnUntilGo, brokers, running, go));
        int[] end = [RawClient.BrokerProcessId(brokers.Get(Times.Long).Owned), .. Enumerable.Range(0, 3).Select(_ => running.Get(Times.Long))];

        go.Put(1);

        Assert.True(owner.WaitForExit(Times.Long));
        var start = Stopwatch.GetTimestamp();
        Assert.Equal(0, owner.ExitCode);
        Eventually.True(() => !end.Any(ProcessTable.IsRunning));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, EndLimit);
    }

    private static void OwnBrokersAndWorkers(IpcQueue<Brokers> brokers, IpcQueue<int> running)
    {
        var detached = QueueBroker.StartProcess(new QueueBrokerOptions { Detached = true });
        detached.OpenQueue<string>("kept").Put("from its late owner");
        StartBrokerAndWorkers(brokers, running, detached.Endpoint);
        Thread.Sleep(Timeout.Infinite);
    }

    private static void OwnUntilGo(IpcQueue<Brokers> brokers, IpcQueue<int> running, IpcQueue<int> go)
    {
        StartBrokerAndWorkers(brokers, running, string.Empty);
        go.Get();
    }

    private static void StartBrokerAndWorkers(IpcQueue<Brokers> brokers, IpcQueue<int> running, string detached)
    {
        var broker = QueueBroker.StartProcess();
        brokers.Put(new Brokers(broker.Endpoint, detached));
        WorkerProcess.Start(BlockInGet, broker.OpenQueue<int>("empty"), running);
        WorkerProcess.Start(BlockForEver, running);
        WorkerProcess.Start(LoopForEver, running);
    }

    private static void StartWorkersAndDie(IpcQueue<int> started)
    {
        started.PutMany([.. Enumerable.Range(0, 3).Select(_ => WorkerProcess.Start(BlockForEver, started).Id)]);
        Process.GetCurrentProcess().Kill();
    }

    private static void BlockInGet(IpcQueue<int> queue, IpcQueue<int> running)
    {
        running.Put(Environment.ProcessId);
        while (true)
        {
            // A worker that shrugs off the end of its broker still ends with its parent.
            Record.Exception(() => queue.Get());
        }
    }

    private static void BlockForEver(IpcQueue<int> running)
    {
        running.Put(Environment.ProcessId);
        Thread.Sleep(Timeout.Infinite);
    }

    private static void LoopForEver(IpcQueue<int> running)
    {
        running.Put(Environment.ProcessId);
        while (true)
        {
            Thread.SpinWait(1000);
        }
    }
}
