using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using QueueIpc.Hosting.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests;

public sealed class BrokerTests
{
    private readonly string _name = $"host-{Guid.NewGuid():N}";

    [Fact]
    public async Task Broker_HostStarted_IsThereUntilTheHostHasStopped()
    {
        using var host = await TestHost.StartAsync(services => services.AddQueueIpcBroker(options => options.Name = _name));
        using var queue = IpcQueue.Open<int>(_name, "numbers");

        queue.Put(1);
        await host.StopAsync();

        Assert.Equal(1, await Count(host));
        Assert.Throws<BrokerUnavailableException>(() => QueueClient.Connect(_name, new QueueClientOptions { ConnectTimeout = TimeSpan.Zero }));

        static Task<int> Count(TestHost host) => Task.FromResult(host.Get<QueueBroker>().Completion.IsCompletedSuccessfully ? 1 : 0);
    }

    [Fact]
    public async Task Broker_WithADataDirectory_ItsQueuesAreThereInTheNextHost()
    {
        var directory = Directory.CreateTempSubdirectory();
        var configuration = new Dictionary<string, string?> { ["QueueIpc:Broker:Name"] = _name, ["QueueIpc:Broker:DataDirectory"] = directory.FullName };
        using (var first = await TestHost.StartAsync(services => services.AddQueueIpcBroker(), configuration))
        using (var queue = IpcQueue.Open<int>(_name, "numbers"))
        {
            queue.Put(7);
            Assert.True(queue.GetInfo().IsDurable);
            await first.StopAsync();
        }

        using var second = await TestHost.StartAsync(services => services.AddQueueIpcBroker(), configuration);
        using (var queue = IpcQueue.Open<int>(_name, "numbers"))
        {
            Assert.Equal(7, queue.Get(TimeSpan.Zero));
        }

        await second.StopAsync();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Broker_ServiceAddedBeforeIt_FindsItWhenItStartsAndWhenItStops()
    {
        var seen = new List<string>();
        using var host = await TestHost.StartAsync(services => services
            .AddSingleton<IHostedService>(_ => new User(_name, seen))
            .AddQueueIpcBroker(options => options.Name = _name));

        await host.StopAsync();

        Assert.Equal(["started", "stopped"], seen);
    }

    [Fact]
    public async Task Broker_LogsWithTheHostsLoggers()
    {
        using var host = await TestHost.StartAsync(services => services.AddQueueIpcBroker(options => options.Name = _name));

        var listening = Assert.Single(host.Log.Of(2));
        Assert.Equal("QueueIpc.Broker", listening.Category);
        Assert.Contains(_name, listening.Message);
    }

    [Fact]
    public async Task Client_NoEndpointSaid_ConnectsToTheBrokerOfTheHost()
    {
        using var host = await TestHost.StartAsync(services => services.AddQueueIpcClient().AddQueueIpcBroker());

        Assert.Equal(host.Get<QueueBroker>().Endpoint, host.Get<QueueClient>().Endpoint);
    }

    [Fact]
    public async Task Client_NobodyThere_HostDoesNotStartAndSaysWhy()
    {
        using var host = new TestHost(services => services.AddQueueIpcClient(options => (options.Endpoint, options.ConnectTimeout) = (_name, TimeSpan.FromMilliseconds(50))));

        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(host.StartAsync);

        Assert.Contains(_name, error.Message);
    }

    [Fact]
    public async Task Client_HostToldToEndWhileItWaitsForItsBroker_EndsAtOnceAndInGoodOrder()
    {
        using var host = WithoutBroker();
        var start = host.StartAsync();

        host.Get<IHostApplicationLifetime>().StopApplication();
        await start;
        await host.StopAsync();

        Assert.DoesNotContain(host.Log.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Broker_HostToldToEndBeforeItsServicesStart_EndsInGoodOrder()
    {
        using var host = new TestHost(services => services.AddSingleton<IHostedService, Ender>().AddQueueIpcBroker().AddIpcQueueConsumer<int>("jobs", (_, _, _) => Task.CompletedTask));

        await host.StartAsync();
        await host.StopAsync();

        Assert.True(host.Get<QueueBroker>().Completion.IsCompletedSuccessfully);
        Assert.DoesNotContain(host.Log.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Client_StartCancelledWhileItWaitsForItsBroker_HostDoesNotStart()
    {
        using var host = WithoutBroker();
        using var enough = new CancellationTokenSource();
        var start = host.StartAsync(enough.Token);

        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
    }

    [Fact]
    public async Task Client_HostStopped_IsClosed()
    {
        using var broker = QueueBroker.Start();
        using var host = await TestHost.StartAsync(services => services.AddQueueIpcClient(options => options.Endpoint = broker.Endpoint));

        await host.StopAsync();

        Assert.Throws<ObjectDisposedException>(() => host.Get<QueueClient>().GetQueues());
    }

    private TestHost WithoutBroker() => new(services => services
        .AddQueueIpcClient(options => (options.Endpoint, options.ConnectTimeout) = (_name, Timeout.InfiniteTimeSpan))
        .AddIpcQueueConsumer<int>("jobs", (_, _, _) => Task.CompletedTask));

    private sealed class Ender(IHostApplicationLifetime host) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            host.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class User(string broker, List<string> seen) : IHostedService
    {
        private QueueClient? _client;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            _client = QueueClient.Connect(broker, new QueueClientOptions { ConnectTimeout = Times.Long });
            seen.Add("started");
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _client!.GetQueues();
            _client.Dispose();
            seen.Add("stopped");
            return Task.CompletedTask;
        }
    }
}
