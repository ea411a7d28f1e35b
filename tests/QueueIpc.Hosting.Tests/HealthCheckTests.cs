using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using QueueIpc.Hosting.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests;

public sealed class HealthCheckTests : IDisposable
{
    private readonly QueueBroker _broker = QueueBroker.Start();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task Check_AllIsWell_HealthyWithTheNumbersOfEveryQueue()
    {
        using var host = await StartAsync(services => services.AddIpcQueue<int>("jobs"));
        host.Get<IpcQueue<int>>().PutMany([1, 2]);

        var report = await CheckAsync(host);

        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(2, report.Data["jobs.ready"]);
        Assert.True((double)report.Data["jobs.oldestAgeSeconds"] > 0);
    }

    [Fact]
    public async Task Check_DiskOfTheBrokerIsFull_DegradedWhilePutsWait()
    {
        var directory = Directory.CreateTempSubdirectory();
        try
        {
            using var host = await TestHost.StartAsync(services => services
                .AddQueueIpcBroker(options => options.Storage = new SqliteStorage(directory.FullName) { FreeBytesMin = long.MaxValue })
                .AddIpcQueue<int>("jobs")
                .AddHealthChecks().AddQueueIpc());
            await Assert.ThrowsAsync<QueueFullException>(() => host.Get<IpcQueue<int>>().PutAsync(1, Times.Short).AsTask());

            var report = await CheckAsync(host);

            Assert.Equal(HealthStatus.Degraded, report.Status);
            Assert.StartsWith("The disk of the broker's data directory is full", report.Description);
            Assert.Equal(0, report.Data["jobs.ready"]);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Check_BrokerGone_UnhealthyAndSaysWhy(bool withQueue)
    {
        using var host = await StartAsync(services => _ = withQueue ? services.AddIpcQueue<int>("jobs") : services);
        _broker.Dispose();

        var report = await CheckAsync(host);

        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.False(string.IsNullOrEmpty(report.Description));
    }

    [Fact]
    public async Task Check_ConsumerFailed_UnhealthyThoughTheBrokerAnswers()
    {
        using var narrow = QueueBroker.Start(new QueueBrokerOptions { MaxWaitsPerQueue = 1 });
        using var host = await TestHost.StartAsync(services => services
            .Configure<HostOptions>(options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore)
            .AddQueueIpcClient(options => options.Endpoint = narrow.Endpoint)
            .AddIpcQueueConsumer<int>("jobs", (_, _, _) => Task.CompletedTask, concurrency: 2)
            .AddHealthChecks().AddQueueIpc());

        HealthReportEntry report = default;
        Eventually.True(() => (report = CheckAsync(host).Result).Status == HealthStatus.Unhealthy);

        Assert.Contains("The consumer of queue 'jobs' has failed: Queue 'jobs': one connection may have 1 requests waiting", report.Description);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Check_QueueOfAConsumerDeleted_UnhealthyAlsoWhenThereIsAnotherOfThatName(bool anew)
    {
        using var host = await StartAsync(services => services.AddIpcQueueConsumer<int>("jobs", (_, _, _) => Task.CompletedTask, concurrency: 2));
        using var client = QueueClient.Connect(_broker.Endpoint);
        client.DeleteQueue("jobs");
        Eventually.True(() => host.Log.Of(206).Any());
        using var other = anew ? client.OpenQueue<int>("jobs") : null;

        var report = await CheckAsync(host);

        Assert.Equal((HealthStatus.Unhealthy, "The consumer of queue 'jobs' has ended: Queue 'jobs' was deleted."), (report.Status, report.Description));
        Assert.Single(host.Log.Of(212));
        Assert.Empty(host.Log.Of(208));
    }

    [Fact]
    public async Task Check_QueueOfAConsumerCompleted_HealthyAndSaysThatItHasEnded()
    {
        using var host = await StartAsync(services => services.AddIpcQueueConsumer<int>("jobs", (_, _, _) => Task.CompletedTask, concurrency: 2));
        host.Get<IpcQueue<int>>().Complete();
        Eventually.True(() => host.Log.Of(206).Any());

        var report = await CheckAsync(host);

        Assert.Equal((HealthStatus.Healthy, "The consumer of queue 'jobs' has ended: Queue 'jobs' is completed, and nothing is left in it."), (report.Status, report.Description));
        Assert.Single(host.Log.Of(208));
        Assert.Empty(host.Log.Of(212));
    }

    private Task<TestHost> StartAsync(Action<IServiceCollection> add) => TestHost.StartAsync(services =>
    {
        services.AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint).AddHealthChecks().AddQueueIpc();
        add(services);
    });

    private static async Task<HealthReportEntry> CheckAsync(TestHost host) =>
        (await host.Get<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["queueipc"];
}
