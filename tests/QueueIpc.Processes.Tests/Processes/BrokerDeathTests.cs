using System.Diagnostics;
using System.Runtime.CompilerServices;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>The end of a broker is told to everybody at once, and its name is free again.</summary>
public sealed class BrokerDeathTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    public sealed record CallEnd(string Call, string Exception, double MillisecondsFromKill);

    /// <summary>Every kind of call that can wait, on a queue that is empty or one that is full.</summary>
    private static readonly Dictionary<string, Func<IpcQueue<int>, IpcQueue<int>, Task>> Calls = new()
    {
        ["Get"] = (empty, _) => Run.OnThread(() => empty.Get()),
        ["Get with a timeout"] = (empty, _) => Run.OnThread(() => empty.Get(Times.Long)),
        ["Get with a token"] = (empty, _) => Run.OnThread(() => empty.Get(new CancellationTokenSource().Token)),
        ["GetAsync"] = (empty, _) => empty.GetAsync().AsTask(),
        ["GetMany"] = (empty, _) => Run.OnThread(() => empty.GetMany(10, Times.Long)),
        ["Lease"] = (empty, _) => Run.OnThread(() => empty.Lease()),
        ["LeaseAsync"] = (empty, _) => empty.LeaseAsync().AsTask(),
        ["ReadAllAsync"] = (empty, _) => ReadAll(empty),
        ["GetConsumingEnumerable"] = (empty, _) => Run.OnThread(() => empty.GetConsumingEnumerable().Count()),
        ["Put"] = (_, full) => Run.OnThread(() => full.Put(2)),
        ["Put with a timeout"] = (_, full) => Run.OnThread(() => full.Put(2, Times.Long)),
        ["PutAsync"] = (_, full) => full.PutAsync(2).AsTask(),
        ["PutMany"] = (_, full) => Run.OnThread(() => full.PutMany([2, 3])),
        ["PutManyAsync"] = (_, full) => full.PutManyAsync(OneAndNoOther(2)),
        ["Join"] = (_, full) => Run.OnThread(full.Join),
        ["JoinAsync"] = (_, full) => full.JoinAsync(),
    };

    private static readonly string[] OnFull = ["Put", "Put with a timeout", "PutAsync", "PutMany", "PutManyAsync", "Join", "JoinAsync"];

    [Fact]
    public async Task Case28_BrokerKilledWhileCallsWait_EveryCallEndsInTimeAndSaysSo()
    {
        using var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint);
        using var empty = client.OpenQueue<int>("empty");
        using var full = client.OpenQueue<int>("full", new QueueOptions { Capacity = 1 });
        full.Put(1);
        var calls = Calls.Select(call => (call.Key, Task: call.Value(empty, full))).ToArray();
        Eventually.True(() => empty.GetInfo().WaitingGets == 9 && full.GetInfo().WaitingPuts == 5);

        var start = Stopwatch.GetTimestamp();
        ProcessTable.Kill(broker.ProcessId);

        foreach (var (name, task) in calls)
        {
            var e = await Assert.ThrowsAsync<BrokerUnavailableException>(() => task.WaitAsync(Times.Long));
            Assert.Contains(OnFull.Contains(name) ? "'full'" : "'empty'", e.Message);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TwoSeconds);
    }

    [Fact]
    public void Case28_BrokerKilled_LaterCallsFailFastAndDisposeDoesNotHang()
    {
        var broker = QueueBroker.StartProcess();
        var client = QueueClient.Connect(broker.Endpoint);
        var queue = client.OpenQueue<int>("queue");
        var lease = PutAndLease(queue);
        ProcessTable.Kill(broker.ProcessId);
        Assert.Throws<BrokerUnavailableException>(() => queue.Get());

        var start = Stopwatch.GetTimestamp();
        Assert.Throws<BrokerUnavailableException>(() => queue.Get());
        Assert.Throws<BrokerUnavailableException>(() => queue.TryGet(out _));
        Assert.Throws<BrokerUnavailableException>(() => queue.Put(1));
        Assert.Throws<BrokerUnavailableException>(() => queue.TryPut(1));
        Assert.Throws<BrokerUnavailableException>(() => queue.Count);
        Assert.Throws<BrokerUnavailableException>(() => queue.Join());
        Assert.Throws<BrokerUnavailableException>(() => client.OpenQueue<int>("another"));
        Assert.Throws<BrokerUnavailableException>(() => client.GetQueues());
        Assert.ThrowsAny<Exception>(lease.Ack);
        lease.Dispose();
        queue.Dispose();
        client.Dispose();
        broker.Dispose();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TwoSeconds);
    }

    [Fact]
    public async Task PutManyAsync_BrokerGoneBeforeTheFirstBatchIsSent_SaysSoAndDisposesTheSource()
    {
        using var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint);
        using var queue = client.OpenQueue<int>("queue");
        ProcessTable.Kill(broker.ProcessId);
        Assert.Throws<BrokerUnavailableException>(() => queue.Get());
        var disposed = new TaskCompletionSource();

        var put = queue.PutManyAsync(OneAndNoOther(1, disposed));

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => put.WaitAsync(Times.Long));
        Assert.True(disposed.Task.IsCompleted);
    }

    [Fact]
    public void Case28_BrokerKilledWhileChildrenBlock_EachChildSeesItInTimeAndEnds()
    {
        using var broker = QueueBroker.StartProcess();
        using var workers = new Workforce();
        using var empty = broker.OpenQueue<int>("empty");
        using var full = broker.OpenQueue<int>("full", new QueueOptions { Capacity = 1 });
        using var ends = IpcQueue.Create<CallEnd>();
        using var killedAt = IpcQueue.Create<long>();
        full.Put(1);
        var children = new[]
        {
            workers.Add(WorkerProcess.Start(BlockInGet, empty, ends, killedAt)),
            workers.Add(WorkerProcess.Start(BlockInPut, full, ends, killedAt)),
            workers.Add(WorkerProcess.Start(BlockInReadAll, empty, ends, killedAt)),
        };
        Eventually.True(() => empty.GetInfo().WaitingGets == 2 && full.GetInfo().WaitingPuts == 1);

        var now = Stopwatch.GetTimestamp();
        ProcessTable.Kill(broker.ProcessId);
        killedAt.PutMany([now, now, now]);

        for (var i = 0; i < children.Length; i++)
        {
            var end = ends.Get(Times.Long);
            Assert.Equal(nameof(BrokerUnavailableException), end.Exception);
            Assert.InRange(end.MillisecondsFromKill, 0, TwoSeconds.TotalMilliseconds);
        }

        Assert.All(children, child => Assert.True(child.WaitForExit(Times.Long)));
        Assert.All(children, child => Assert.Equal(0, child.ExitCode));
    }

    [Fact]
    public async Task Case30_BrokerProcessKilledAndStartedOnTheSameNameAtOnce_BindsAndServesNewClients()
    {
        var name = $"test-{Guid.NewGuid():N}";
        for (var life = 0; life < 3; life++)
        {
            using var broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = name });
            using var client = QueueClient.Connect(name);
            using var queue = client.OpenQueue<int>("queue");
            Assert.Equal(0, queue.Count);
            queue.Put(life);
            Assert.Equal(1, queue.Count);

            ProcessTable.Kill(broker.ProcessId);

            var e = await Assert.ThrowsAsync<BrokerUnavailableException>(() => broker.Completion.WaitAsync(Times.Long));
            Assert.Contains("has ended by itself", e.Message);
        }
    }

    [Fact]
    public void Case30_ProcessWithBrokerInItKilledAndNameTakenAtOnce_BindsAndServesNewClients()
    {
        var name = $"test-{Guid.NewGuid():N}";
        using var workers = new Workforce();
        using var listening = IpcQueue.Create<string>();
        var host = workers.Add(WorkerProcess.Start(HostBroker, name, listening));
        var endpoint = listening.Get(Times.Long);
        host.Kill();
        Assert.True(host.WaitForExit(Times.Long));

        using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });

        Assert.Equal(endpoint, broker.Endpoint);
        using var go = broker.OpenQueue<int>("go");
        var child = workers.Add(WorkerProcess.Start(PutOne, go));
        Assert.Equal(1, go.Get(Times.Long));
        Assert.True(child.WaitForExit(Times.Long));
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess, BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InThisProcess, BrokerPlace.InItsOwnProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess, BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess, BrokerPlace.InItsOwnProcess)]
    public void Case30_SecondBrokerOnALivingName_FailsInWordsAndTheFirstGoesOn(BrokerPlace firstPlace, BrokerPlace secondPlace)
    {
        var options = new QueueBrokerOptions { Name = $"test-{Guid.NewGuid():N}" };
        using var first = firstPlace.StartBroker(options);
        using var client = QueueClient.Connect(options.Name);
        using var queue = client.OpenQueue<int>("queue");
        queue.Put(1);

        var e = Assert.Throws<IOException>(() => secondPlace.StartBroker(options));

        Assert.Contains("Another broker serves", e.Message);
        Assert.Contains(first.Endpoint, e.Message);
        Assert.Equal(1, queue.Get(Times.Long));
        using var newcomer = QueueClient.Connect(options.Name);
        Assert.Equal("queue", Assert.Single(newcomer.GetQueues()).Name);
    }

    private static QueueLease<int> PutAndLease(IpcQueue<int> queue)
    {
        queue.Put(1);
        return queue.Lease(Times.Long);
    }

    private static void BlockInGet(IpcQueue<int> empty, IpcQueue<CallEnd> ends, IpcQueue<long> killedAt) =>
        Report("Get", () => empty.Get(), ends, killedAt);

    private static void BlockInPut(IpcQueue<int> full, IpcQueue<CallEnd> ends, IpcQueue<long> killedAt) =>
        Report("Put", () => full.Put(2), ends, killedAt);

    private static void BlockInReadAll(IpcQueue<int> empty, IpcQueue<CallEnd> ends, IpcQueue<long> killedAt) =>
        Report("GetConsumingEnumerable", () => Assert.Empty(empty.GetConsumingEnumerable()), ends, killedAt);

    /// <summary>The machine's monotonic clock is the same in all processes.</summary>
    private static void Report(string call, Action blocks, IpcQueue<CallEnd> ends, IpcQueue<long> killedAt)
    {
        var e = Record.Exception(blocks);
        var ended = Stopwatch.GetTimestamp();
        ends.Put(new CallEnd(call, e?.GetType().Name ?? "none", Stopwatch.GetElapsedTime(killedAt.Get(), ended).TotalMilliseconds));
    }

    /// <summary>A stream that goes on, and in which nothing comes any more.</summary>
    private static async IAsyncEnumerable<int> OneAndNoOther(int item, TaskCompletionSource? disposed = null, [EnumeratorCancellation] CancellationToken ct = default)
    {
        try
        {
            yield return item;
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
        }
        finally
        {
            disposed?.SetResult();
        }
    }

    private static async Task ReadAll(IpcQueue<int> queue)
    {
        await foreach (var item in queue.ReadAllAsync())
        {
            Assert.Fail($"the queue is empty, and {item} was read from it");
        }
    }

    private static void HostBroker(string name, IpcQueue<string> listening)
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });
        listening.Put(broker.Endpoint);
        Thread.Sleep(Timeout.Infinite);
    }

    private static void PutOne(IpcQueue<int> queue) => queue.Put(1);
}
