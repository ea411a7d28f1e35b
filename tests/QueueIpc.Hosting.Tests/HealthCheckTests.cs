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

    private Task<TestHost> StartAsync(Action<IServiceCollection> add) => TestHost.StartAsync(services =>
    {
        services.AddQueueIpcClient(options => options.Endpoint = _broker.Endpoint).AddHealthChecks().AddQueueIpc();
        add(services);
    });

    private static async Task<HealthReportEntry> CheckAsync(TestHost host) =>
        (await host.Get<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries["queueipc"];
}
