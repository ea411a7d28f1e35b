using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using QueueIpc.Hosting.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests;

/// <summary>A host whose broker, in another process as far as it knows, is started again and again: it never has to be started again itself.</summary>
public sealed class RestartTests : IDisposable
{
    private const int Restarts = 20;

    private readonly string _name = $"restarts-{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<int, bool> _handled = new();
    private QueueBroker _broker;

    public RestartTests() => _broker = Start();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task Host_BrokerRestartedAgainAndAgain_NoRequestFailsThatWaits()
    {
        using var host = await StartAsync();
        var queue = host.Get<IpcQueue<int>>();
        using var enough = new CancellationTokenSource();
        var requests = Task.Run(async () =>
        {
            var last = 0;
            while (!enough.IsCancellationRequested)
            {
                await queue.PutAsync(++last, TimeSpan.FromSeconds(5));
            }

            return last;
        });

        for (var i = 0; i < Restarts; i++)
        {
            var handled = _handled.Count;
            _broker.Dispose();
            _broker = Start();
            Eventually.True(() => _handled.Count > handled || requests.IsFaulted);
        }

        await enough.CancelAsync();
        var last = await requests.WaitAsync(Times.Long);
        Eventually.True(() => _handled.ContainsKey(last));
    }

    [Fact]
    public async Task HealthCheck_BrokerIsAway_IsDegraded_AndHealthyWhenItIsBack()
    {
        using var host = await StartAsync();
        _broker.Dispose();

        var report = await CheckAsync(host);

        Assert.Equal(HealthStatus.Degraded, report.Status);
        Assert.Contains("went away, and is looked for", report.Description, StringComparison.Ordinal);
        _broker = Start();
        Eventually.True(() => CheckAsync(host).Result.Status == HealthStatus.Healthy);
    }

    private static async Task<HealthReportEntry> CheckAsync(TestHost host) => (await host.Get<HealthCheckService>().CheckHealthAsync()).Entries["queueipc"];

    private Task<TestHost> StartAsync() => TestHost.StartAsync(services => services
        .AddQueueIpcClient(options => options.Endpoint = _name)
        .AddIpcQueueConsumer<int>("jobs", (lease, _, _) =>
        {
            _handled[lease.Item] = true;
            return Task.CompletedTask;
        })
        .AddHealthChecks().AddQueueIpc());

    private QueueBroker Start() => QueueBroker.Start(new QueueBrokerOptions { Name = _name });
}
