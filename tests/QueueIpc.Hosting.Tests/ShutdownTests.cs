using QueueIpc.Hosting.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests;

public sealed class ShutdownTests : IDisposable
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task Stop_ItemUnderWay_IsFinishedAndNoOtherIsTaken()
    {
        using var jobs = _broker.OpenQueue<int>("jobs");
        using var host = await StartAsync((_, _) => { _begun.TrySetResult(); return _release.Task; });
        jobs.PutMany([1, 2, 3]);
        await _begun.Task.WaitAsync(Times.Long);

        var stop = host.StopAsync();
        Eventually.True(() => host.Log.Of(205).Any());
        Assert.False(stop.IsCompleted);
        _release.SetResult();
        await stop;

        Assert.Equal((2, 0, 1), (jobs.GetInfo().Ready, jobs.GetInfo().Leased, jobs.GetInfo().TotalTaken));
        Assert.Equal("1 are under way", Assert.Single(host.Log.Of(205)).Message.Split("; ")[1]);
    }

    [Fact]
    public async Task Stop_Idle_TheLogSaysFirstThatItTakesNoMoreAndThenThatItHasEnded()
    {
        using var host = await StartAsync((_, _) => Task.CompletedTask);
        using var jobs = _broker.OpenQueue<int>("jobs");
        Eventually.True(() => jobs.GetInfo().WaitingGets == 1);

        await host.StopAsync();

        Assert.Equal([201, 205, 206], host.Log.Entries.Where(entry => entry.Category == "QueueIpc.Consumer").Select(entry => entry.Id));
    }

    [Fact]
    public async Task Stop_WhileItemsFlow_EveryItemIsHandledOnceOrStillThere()
    {
        using var jobs = _broker.OpenQueue<int>("jobs");
        var handled = 0;
        using var host = await StartAsync((_, _) => { if (Interlocked.Increment(ref handled) == 500) { _begun.SetResult(); } return Task.CompletedTask; }, concurrency: 4);
        jobs.PutMany(Enumerable.Range(0, 20_000));
        await _begun.Task.WaitAsync(Times.Long);

        await host.StopAsync();

        var info = jobs.GetInfo();
        Assert.Equal((20_000 - handled, 0, 0), (info.Ready, info.Leased, info.Dead));
        Assert.Equal(handled, info.TotalTaken);
        Assert.All(Enumerable.Range(0, info.Ready), _ => Assert.Equal(0, Failures(jobs)));
    }

    [Fact]
    public async Task Stop_TimeIsOver_HandlerIsToldAndItsItemGoesBackWithoutAFailure()
    {
        using var jobs = _broker.OpenQueue<int>("jobs");
        using var outOfTime = new CancellationTokenSource();
        using var host = await StartAsync(async (_, ct) => { _begun.SetResult(); await Task.Delay(Timeout.Infinite, ct); });
        jobs.Put(1);
        await _begun.Task.WaitAsync(Times.Long);

        var stop = host.StopAsync(outOfTime.Token);
        Assert.False(stop.IsCompleted);
        await outOfTime.CancelAsync();
        await Ended(stop);

        Assert.Equal((1, 0), (jobs.GetInfo().Ready, Failures(jobs)));
        Assert.Single(host.Log.Of(207));
    }

    [Fact]
    public async Task Stop_TimeIsOverAndTheHandlerDoesNotListen_ItsItemGoesBackAllTheSame()
    {
        using var jobs = _broker.OpenQueue<int>("jobs");
        using var host = await StartAsync((_, _) => { _begun.SetResult(); return _release.Task; });
        jobs.Put(1);
        await _begun.Task.WaitAsync(Times.Long);

        await Ended(host.StopAsync(new CancellationToken(canceled: true)));

        Assert.Equal(1, jobs.GetInfo().Ready);
        _release.SetResult();
        Eventually.True(() => host.Log.Of(206).Any());
        Assert.Equal((1, 0), (jobs.GetInfo().Ready, Failures(jobs)));
    }

    [Fact]
    public async Task Stop_TwoConsumers_NeitherTakesAnythingWhileTheHostWaitsForTheOther()
    {
        using var slow = _broker.OpenQueue<int>("slow");
        using var idle = _broker.OpenQueue<int>("idle");
        var handled = 0;
        using var host = await TestHost.StartAsync(services => services
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueueConsumer<int>("idle", (_, _, _) => { Interlocked.Increment(ref handled); return Task.CompletedTask; })
            .AddIpcQueueConsumer<int>("slow", (_, _, _) => { _begun.SetResult(); return _release.Task; }));
        slow.Put(1);
        await _begun.Task.WaitAsync(Times.Long);

        var stop = host.StopAsync();
        Eventually.True(() => host.Log.Of(205).Any(entry => entry.Message.Contains("'slow'", StringComparison.Ordinal)));
        idle.Put(1);
        _release.SetResult();
        await stop;

        Assert.Equal((0, 1, 1), (handled, idle.GetInfo().Ready, slow.GetInfo().TotalTaken));
    }

    [Fact]
    public async Task Stop_BrokerInTheSameHost_ItemUnderWayIsAckedBeforeItEnds()
    {
        var name = $"host-{Guid.NewGuid():N}";
        using var host = await TestHost.StartAsync(services => services
            .AddIpcQueueConsumer<int>("jobs", (_, _, _) => { _begun.SetResult(); return _release.Task; })
            .AddQueueIpcBroker(options => options.Name = name));
        using var jobs = IpcQueue.Open<int>(name, "jobs");
        jobs.Put(1);
        var joined = jobs.JoinAsync();
        await _begun.Task.WaitAsync(Times.Long);

        var stop = host.StopAsync();
        _release.SetResult();
        await stop;

        await joined.WaitAsync(Times.Long);
        Assert.Empty(host.Log.Of(204));
    }

    /// <summary>A host whose time is over may say so, or not.</summary>
    private static Task Ended(Task stop) => stop.WaitAsync(Times.Long).ContinueWith(_ => { }, TaskScheduler.Default);

    private static int Failures(IpcQueue<int> jobs)
    {
        using var lease = jobs.Lease(Times.Long);
        lease.Ack();
        return lease.Failures;
    }

    private Task<TestHost> StartAsync(Func<QueueLease<int>, CancellationToken, Task> handle, int concurrency = 1) =>
        TestHost.StartAsync(services => services
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueueConsumer<int>("jobs", (lease, _, ct) => handle(lease, ct), concurrency));
}
