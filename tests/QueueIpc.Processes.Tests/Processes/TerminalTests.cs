using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>What a terminal does to a program's processes: Ctrl+C, hanging up, being closed.</summary>
public sealed class TerminalTests
{
    [UnixFact]
    public void Case65_CtrlC_WorkersGoOnUntilTheirParentDecides()
    {
        using var workers = new Workforce();
        using var requests = IpcQueue.Create<int>();
        using var replies = IpcQueue.Create<int>();
        var worker = workers.Add(WorkerProcess.Start(Echo, requests, replies));
        requests.Put(1);
        Assert.Equal(1, replies.Get(Times.Long));

        Signals.Interrupt(worker.Id);

        requests.Put(2);
        Assert.Equal(2, replies.Get(Times.Long));
        worker.Terminate();
        Assert.True(worker.WaitForExit(Times.Long));
    }

    [UnixFact]
    public void Case65_CtrlC_ParentThatEndsItTakesItsWorkersWithIt()
    {
        using var workers = new Workforce();
        using var ids = IpcQueue.Create<int>();
        var parent = workers.Add(WorkerProcess.Start(EndAtCtrlCWithAWorker, ids));
        var worker = ids.Get(Times.Long);

        Signals.Interrupt(worker);
        Signals.Interrupt(parent.Id);

        Assert.True(parent.WaitForExit(Times.Long));
        Eventually.True(() => !ProcessTable.IsRunning(worker));
    }

    [UnixFact]
    public void Case65_DetachedBroker_HasASessionOfItsOwnAndNoneOfItsStartersStreams()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux shows sessions and open files of other processes as files");
        using var workers = new Workforce();
        using var endpoints = IpcQueue.Create<string>();
        var starter = workers.Add(WorkerProcess.Start(StartDetachedBroker, endpoints));
        var endpoint = endpoints.Get(Times.Long);
        var broker = RawClient.BrokerProcessId(endpoint);

        try
        {
            Assert.Equal(broker, ProcessTable.SessionOf(broker));
            Eventually.True(() => Enumerable.Range(0, 3).All(stream => new FileInfo($"/proc/{broker}/fd/{stream}").LinkTarget == "/dev/null"));
            Signals.Interrupt(broker);
            Signals.HangUp(broker);
            starter.Kill();
            Assert.True(starter.WaitForExit(Times.Long));
            using var queue = IpcQueue.Open<int>(endpoint, "queue");
            queue.Put(1);
            Assert.Equal(1, queue.Get(Times.Long));
        }
        finally
        {
            Signals.Terminate(broker);
        }

        Eventually.True(() => !ProcessTable.IsRunning(broker));
        Assert.False(File.Exists(endpoint));
    }

    private static void Echo(IpcQueue<int> requests, IpcQueue<int> replies)
    {
        while (true)
        {
            replies.Put(requests.Get());
        }
    }

    private static void StartDetachedBroker(IpcQueue<string> endpoints)
    {
        using var broker = QueueBroker.StartProcess(new QueueBrokerOptions { Detached = true });
        endpoints.Put(broker.Endpoint);
        Thread.Sleep(Timeout.Infinite);
    }

    private static void EndAtCtrlCWithAWorker(IpcQueue<int> ids)
    {
        using var interrupted = new ManualResetEventSlim();
        Console.CancelKeyPress += (_, _) => interrupted.Set();
        using var worker = WorkerProcess.Start(BlockForEver, ids);
        interrupted.Wait();
    }

    private static void BlockForEver(IpcQueue<int> ids)
    {
        ids.Put(Environment.ProcessId);
        Thread.Sleep(Timeout.Infinite);
    }
}
