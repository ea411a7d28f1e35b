using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using QueueIpc.Hosting.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests;

/// <summary>A broker whose process is stopped: its endpoint is there, and nobody answers. It holds up no host.</summary>
public sealed class StoppedBrokerTests : IDisposable
{
    private readonly string _name = $"stopped-{Guid.NewGuid():N}";
    private readonly QueueBroker _broker;
    private readonly IpcQueue<int> _jobs;
    private readonly BlockingCollection<int> _handled = [];

    public StoppedBrokerTests()
    {
        _broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = _name });
        _jobs = _broker.OpenQueue<int>("jobs");
        _jobs.Put(7);
    }

    public void Dispose()
    {
        _jobs.Dispose();
        _broker.Dispose();
        _handled.Dispose();
    }

    [UnixFact]
    public async Task Start_BrokerStopped_HostStartsWithoutItAndWorksWhenItGoesOn()
    {
        using var host = Host(Timeout.InfiniteTimeSpan);
        using (Signals.Stop(_broker))
        {
            await host.StartAsync();

            Assert.Contains(_name, Assert.Single(host.Log.Of(213)).Message);
            var health = await CheckAsync(host);
            Assert.Equal(HealthStatus.Unhealthy, health.Status);
            Assert.Contains("does not answer yet", health.Description);
            Assert.Empty(_handled);
        }

        Assert.True(_handled.TryTake(out var item, Times.Long));
        Assert.Equal(7, item);
        Eventually.True(() => CheckAsync(host).Result.Status == HealthStatus.Healthy);
        Assert.Single(host.Log.Of(214));
        await host.StopAsync();
        Assert.Equal([213], WarningsOf(host));
    }

    [UnixFact]
    public async Task Stop_BrokerStillStopped_EndsAtOnceAndInGoodOrder()
    {
        using var host = Host(Timeout.InfiniteTimeSpan);
        using var stopped = Signals.Stop(_broker);
        await host.StartAsync();

        await host.StopAsync();

        Assert.Equal([213], WarningsOf(host));
    }

    [UnixFact]
    public async Task Stop_WhileTheStartWaitsForTheBroker_EndsAtOnceAndInGoodOrder()
    {
        using var host = Host(Timeout.InfiniteTimeSpan);
        using var stopped = Signals.Stop(_broker);
        var start = host.StartAsync();

        host.Get<IHostApplicationLifetime>().StopApplication();
        await start;
        await host.StopAsync();

        Assert.Empty(WarningsOf(host));
    }

    [UnixFact]
    public async Task ConnectTimeout_BrokerStillStopped_EndsTheHostAndSaysWhy()
    {
        using var host = Host(2 * HostStart.SilenceMax);
        using var stopped = Signals.Stop(_broker);
        var ended = new TaskCompletionSource();
        using var stopping = host.Get<IHostApplicationLifetime>().ApplicationStopping.Register(ended.SetResult);
        await host.StartAsync();

        await ended.Task.WaitAsync(Times.Long);

        Assert.Contains(host.Log.Entries, entry => entry.Exception is BrokerUnavailableException e && e.Message.Contains("did not greet", StringComparison.Ordinal));
    }

    private static async Task<HealthReportEntry> CheckAsync(TestHost host) => (await host.Get<HealthCheckService>().CheckHealthAsync()).Entries["queueipc"];

    /// <summary>Those of the health checks, of which there may be any number, apart.</summary>
    private static IEnumerable<int> WarningsOf(TestHost host) =>
        host.Log.Entries.Where(entry => entry.Level >= LogLevel.Warning && !entry.Category.Contains("HealthChecks", StringComparison.Ordinal)).Select(entry => entry.Id);

    private TestHost Host(TimeSpan connectTimeout) => new(services => services
        .AddQueueIpcClient(options => (options.Endpoint, options.ConnectTimeout) = (_name, connectTimeout))
        .AddIpcQueueConsumer<int>("jobs", (lease, _, _) =>
        {
            _handled.Add(lease.Item, CancellationToken.None);
            return Task.CompletedTask;
        })
        .AddHealthChecks().AddQueueIpc());
}
