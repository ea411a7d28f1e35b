using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using QueueIpc.Hosting.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests;

public sealed class ConsumerTests : IDisposable
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly IpcQueue<int> _jobs;

    public ConsumerTests() => _jobs = _broker.OpenQueue<int>("jobs", new QueueOptions { MaxFailures = 3 });

    public void Dispose()
    {
        _jobs.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public async Task Consumer_Items_AreHandledOnceEachAndAcked()
    {
        var handled = new ConcurrentBag<int>();
        using var host = await StartAsync((lease, _) => { handled.Add(lease.Item); return Task.CompletedTask; });

        _jobs.PutMany(Enumerable.Range(0, 1000));

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal(Enumerable.Range(0, 1000), handled.Order());
        Assert.Equal((1000, 0), (_jobs.GetInfo().TotalTaken, _jobs.GetInfo().Dead));
    }

    [Fact]
    public async Task Consumer_ConcurrencyOfThree_ThreeAtATimeAndNoMore()
    {
        using var three = new Barrier(3);
        var (running, most) = (0, 0);
        using var host = await StartAsync(
            (_, ct) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                Assert.True(three.SignalAndWait(Times.Long, ct));
                Interlocked.Decrement(ref running);
                return Task.CompletedTask;
            },
            concurrency: 3);

        _jobs.PutMany(Enumerable.Range(0, 30));

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Consumer_AllPlacesTaken_TheRestIsForOthers()
    {
        var release = new TaskCompletionSource();
        using var host = await StartAsync((_, _) => release.Task, concurrency: 2);

        _jobs.PutMany([1, 2, 3]);

        Eventually.True(() => _jobs.GetInfo() is { Ready: 1, Leased: 2 });
        Assert.Equal(3, _jobs.Get(Times.Long));
        release.SetResult();
        Assert.True(_jobs.Join(Times.Long));
    }

    [Fact]
    public async Task Handler_Class_IsMadeForEveryItemInAScopeOfItsOwn()
    {
        var seen = new ConcurrentBag<Guid>();
        using var host = await TestHost.StartAsync(services => services
            .AddSingleton(seen)
            .AddScoped<Scoped>()
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueueConsumer<int, Handler>("jobs", 2));

        _jobs.PutMany([1, 2, 3]);

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal(3, seen.Distinct().Count());
    }

    [Fact]
    public async Task Handler_AsksForAQueue_ItOutlivesTheScopeOfTheItem()
    {
        using var host = await TestHost.StartAsync(services => services
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueue<string>("results")
            .AddIpcQueueConsumer<int, Forwarder>("jobs"));

        _jobs.PutMany([1, 2, 3]);

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal(["1", "2", "3"], host.Get<IpcQueue<string>>().GetMany(10, Times.Long));
    }

    [Fact]
    public async Task Handler_Throws_ItemStaysAwayAndComesAgain()
    {
        var failures = new ConcurrentQueue<int>();
        using var host = await StartAsync(
            (lease, _) =>
            {
                failures.Enqueue(lease.Failures);
                return lease.Failures < 2 ? throw new InvalidOperationException("no luck") : Task.CompletedTask;
            },
            configure: options => options.RetryDelay = TimeSpan.FromMilliseconds(1));

        _jobs.Put(1);

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal([0, 1, 2], failures);
        Assert.Equal(0, _jobs.GetInfo().Dead);
        Assert.Equal(["It comes back after 00:00:00.0010000", "It comes back after 00:00:00.0020000"], host.Log.Of(202).Select(entry => entry.Message.Split(". ")[1]));
    }

    [Fact]
    public async Task Handler_ThrowsOnceTooOften_TheLogSaysThatTheItemIsDead()
    {
        using var two = _broker.OpenQueue<int>("two", new QueueOptions { MaxFailures = 2 });
        using var host = await TestHost.StartAsync(services => services
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueueConsumer<int>("two", (_, _, _) => throw new InvalidOperationException("no luck"), configure: options => options.RetryDelay = TimeSpan.Zero));

        two.Put(1);

        Eventually.True(() => two.GetInfo().Dead == 1);
        Assert.Contains("(its failures so far: 1)", Assert.Single(host.Log.Of(202)).Message, StringComparison.Ordinal);
        Assert.EndsWith("which is dead now (its failures: 2)", Assert.Single(host.Log.Of(209)).Message, StringComparison.Ordinal);
        Assert.Contains("item 1 of queue 'two'", Assert.Single(host.Log.Of(209)).Message, StringComparison.Ordinal);
        Assert.Equal("System.InvalidOperationException: no luck", Assert.Single(two.GetDeadItems(10)).Reason);
    }

    [Fact]
    public async Task Handler_ThrowsWhatNotEveryoneMayRead_TheDeadItemHasTheTypeAlone()
    {
        using var two = _broker.OpenQueue<int>("two", new QueueOptions { MaxFailures = 1 });
        using var host = await TestHost.StartAsync(services => services
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueueConsumer<int>("two", (_, _, _) => throw new InvalidOperationException("no luck"), configure: options => options.IncludeExceptionMessage = false));

        two.Put(1);

        Eventually.True(() => two.GetInfo().Dead == 1);
        Assert.Equal("System.InvalidOperationException", Assert.Single(two.GetDeadItems(10)).Reason);
    }

    [Fact]
    public async Task Handler_ThrowsAfterItsVerdict_TheLogSaysThatTheVerdictStands()
    {
        using var host = await StartAsync((lease, _) =>
        {
            lease.DeadLetter("no use");
            throw new InvalidOperationException("no luck");
        });

        _jobs.Put(1);

        Eventually.True(() => host.Log.Of(210).Any());
        Assert.Equal((1, 0), (_jobs.GetInfo().Dead, _jobs.GetInfo().Ready));
        Assert.Empty(host.Log.Of(202));
    }

    [Fact]
    public async Task Handler_AlwaysThrows_ItemIsDeadAndTheOthersGoOn()
    {
        using var host = await StartAsync(
            (lease, _) => lease.Item == 1 ? throw new InvalidOperationException("never") : Task.CompletedTask,
            configure: options => options.RetryDelay = TimeSpan.FromMilliseconds(1));

        _jobs.PutMany([1, 2, 3]);

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal((1, 2), (_jobs.GetInfo().Dead, _jobs.GetInfo().TotalTaken));
    }

    [Fact]
    public async Task Handler_Throws_OthersAreNotHeldUpByTheDelay()
    {
        using var host = await StartAsync(
            (lease, _) => lease.Item == 1 ? throw new InvalidOperationException("later") : Task.CompletedTask,
            configure: options => (options.RetryDelay, options.RetryDelayMax) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1)));

        _jobs.PutMany([1, 2]);

        Eventually.True(() => _jobs.GetInfo() is { Delayed: 1, TotalTaken: 1, Leased: 0 });
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(5, 32)]
    [InlineData(6, 60)]
    [InlineData(65_535, 60)]
    public void RetryDelay_DoublesUpToItsLimit(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new IpcQueueConsumerOptions().DelayAfter(failures));

    [Theory]
    [InlineData(0)]
    [InlineData(65_535)]
    public void RetryDelay_None_StaysNone(int failures) => Assert.Equal(TimeSpan.Zero, new IpcQueueConsumerOptions { RetryDelay = TimeSpan.Zero }.DelayAfter(failures));

    [Fact]
    public async Task Handler_OwnVerdict_Stands()
    {
        using var host = await StartAsync((lease, _) => { lease.DeadLetter("not mine"); return Task.CompletedTask; });

        _jobs.Put(1);

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal("not mine", Assert.Single(_jobs.GetDeadItems(10)).Reason);
        Assert.Empty(host.Log.Of(204));
    }

    [Fact]
    public async Task Consumer_ItemCannotBeRead_IsDeadAndTheNextIsHandled()
    {
        using var texts = _broker.OpenQueue<string>("jobs");
        var handled = new ConcurrentBag<int>();
        using var host = await StartAsync((lease, _) => { handled.Add(lease.Item); return Task.CompletedTask; });

        texts.Put("no number");
        _jobs.Put(2);

        Assert.True(_jobs.Join(Times.Long));
        Assert.Equal([2], handled);
        Assert.Equal(1, _jobs.GetInfo().Dead);
        Assert.Single(host.Log.Of(203));
    }

    [Fact]
    public async Task Consumer_QueueCompleted_EndsAndTheHostGoesOn()
    {
        var handled = new ConcurrentBag<int>();
        using var host = await StartAsync((lease, _) => { handled.Add(lease.Item); return Task.CompletedTask; });

        _jobs.PutMany([1, 2]);
        _jobs.Complete();

        Eventually.True(() => host.Log.Of(206).Any());
        Assert.Equal([1, 2], handled.Order());
        Assert.False(host.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact]
    public async Task Consumer_BrokerGone_HostStops()
    {
        using var host = await StartAsync((_, _) => Task.CompletedTask);
        Eventually.True(() => _jobs.GetInfo().WaitingGets == 1);

        _broker.Dispose();

        Eventually.True(() => host.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    private Task<TestHost> StartAsync(Func<QueueLease<int>, CancellationToken, Task> handle, int concurrency = 1, Action<IpcQueueConsumerOptions>? configure = null) =>
        TestHost.StartAsync(services => services
            .AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint)
            .AddIpcQueueConsumer<int>("jobs", (lease, _, ct) => handle(lease, ct), concurrency, configure));

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private sealed class Forwarder(IpcQueue<string> results) : IIpcQueueHandler<int>
    {
        public Task HandleAsync(QueueLease<int> lease, CancellationToken ct) => results.PutAsync($"{lease.Item}", ct).AsTask();
    }

    private sealed class Scoped
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    private sealed class Handler(Scoped scoped, ConcurrentBag<Guid> seen) : IIpcQueueHandler<int>
    {
        public Task HandleAsync(QueueLease<int> lease, CancellationToken ct)
        {
            seen.Add(scoped.Id);
            return Task.CompletedTask;
        }
    }
}
