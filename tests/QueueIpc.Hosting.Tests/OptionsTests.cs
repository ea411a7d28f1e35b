using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using QueueIpc.Hosting.Tests.Support;

namespace QueueIpc.Hosting.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Options_BothSayIt_TheConfigurationComesOnTopOfTheCode()
    {
        using var host = new TestHost(
            services => services
                .AddQueueIpcBroker(options => (options.Name, options.MaxConnections) = ("from-code", 7))
                .AddIpcQueueConsumer<int>("jobs", (_, _, _) => Task.CompletedTask, 2),
            new()
            {
                ["QueueIpc:Broker:Name"] = "from-configuration",
                ["QueueIpc:Broker:HandshakeTimeout"] = "00:00:05",
                ["QueueIpc:Consumers:jobs:Concurrency"] = "8",
            });

        var broker = host.Get<IOptions<QueueBrokerOptions>>().Value;

        Assert.Equal(("from-configuration", 7, TimeSpan.FromSeconds(5)), (broker.Name, broker.MaxConnections, broker.HandshakeTimeout));
        Assert.Equal(8, host.Get<IOptionsMonitor<IpcQueueConsumerOptions>>().Get("jobs").Concurrency);
    }

    [Theory]
    [InlineData("QueueIpc:Broker:MaxItemBytes", "0", "QueueIpc:Broker: MaxItemBytes")]
    [InlineData("QueueIpc:Broker:Name", "a/b", "QueueIpc:Broker: ")]
    [InlineData("QueueIpc:Broker:Detached", "true", "QueueIpc:Broker: The broker of a host cannot be Detached")]
    [InlineData("QueueIpc:Queues:jobs:Capacity", "-1", "QueueIpc:Queues:jobs: Capacity ('-1') must be a non-negative value.")]
    [InlineData("QueueIpc:Consumers:jobs:Concurrency", "0", "QueueIpc:Consumers:jobs: Concurrency")]
    [InlineData("QueueIpc:Consumers:jobs:RetryDelayMax", "00:00:00.5", "QueueIpc:Consumers:jobs: RetryDelayMax is 00:00:00.5000000, and must not be less than RetryDelay, which is 00:00:01.")]
    [InlineData("QueueIpc:Consumers:jobs:RetryDelay", "5", "QueueIpc:Consumers:jobs: RetryDelay is '5', which .NET takes for days. Write hours:minutes:seconds, as in 00:00:05, or 5.00:00:00 if it is days.")]
    [InlineData("QueueIpc:Consumers:jobs:RetryDelay", "-1", "QueueIpc:Consumers:jobs: RetryDelay is '-1', which .NET takes for days. Write hours:minutes:seconds; where 'for ever' is possible, it is -00:00:00.001.")]
    [InlineData("QueueIpc:Queues:jobs:LeaseTime", "24:00:00", "QueueIpc:Queues:jobs: LeaseTime is '24:00:00', which .NET takes for 24 days. Write hours:minutes:seconds with 23 hours at most, and days before them with a point: 1.00:00:00 if it is 24 hours, or 24.00:00:00 if it is days.")]
    [InlineData("QueueIpc:Queues:jobs:LeaseTime", "36:15:30", "QueueIpc:Queues:jobs: LeaseTime is '36:15:30', which .NET takes for 36 days. Write hours:minutes:seconds with 23 hours at most, and days before them with a point: 1.12:15:30 if it is 36 hours, or 36.15:30:00 if it is days.")]
    [InlineData("QueueIpc:Queues:jobs:LeaseTime", "60s", "QueueIpc:Queues:jobs: LeaseTime is '60s', and that is no time. Write hours:minutes:seconds, as in 00:01:30")]
    [InlineData("QueueIpc:Queues:jobs:LeaseTime", "1.5", "QueueIpc:Queues:jobs: LeaseTime is '1.5', and that is no time. Write hours:minutes:seconds, as in 00:01:30")]
    [InlineData("QueueIpc:Queues:jobs:LeaseTime", "90:00", "QueueIpc:Queues:jobs: LeaseTime is '90:00', and that is no time. Write hours:minutes:seconds, as in 00:01:30")]
    [InlineData("QueueIpc:Queues:jobs:Capacity:0", "5", "QueueIpc:Queues:jobs:Capacity: a section, or a list, stands where a value belongs.")]
    [InlineData("QueueIpc:Queues:jobs:LeaseTime:a", "1", "QueueIpc:Queues:jobs:LeaseTime: a section, or a list, stands where a value belongs.")]
    [InlineData("QueueIpc:Broker:Name:x", "1", "QueueIpc:Broker:Name: a section, or a list, stands where a value belongs.")]
    [InlineData("QueueIpc:Queues:jobs", "5", "QueueIpc:Queues:jobs: '5' stands where a section belongs.")]
    [InlineData("QueueIpc:Queues:0", "jobs", "QueueIpc:Queues:0: 'jobs' stands where a section belongs.")]
    [InlineData("QueueIpc:Queues", "jobs", "QueueIpc:Queues: 'jobs' stands where a section belongs.")]
    [InlineData("QueueIpc:Broker", "jobs", "QueueIpc:Broker: 'jobs' stands where a section belongs.")]
    public async Task Options_OutOfRange_HostDoesNotStartAndSaysWhere(string key, string value, string message)
    {
        using var host = Host(key, value);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.StartsWith(message, error.Message);
        Assert.DoesNotContain("Parameter", error.Message);
        Assert.Single(error.Failures);
    }

    [Theory]
    [InlineData("QueueIpc:Broker:MaxItemByte", "1", "QueueIpc:Broker: there is no key 'MaxItemByte' here. The keys are Name,", "MaxItemBytes")]
    [InlineData("QueueIpc:Broker:LoggerFactory", "1", "QueueIpc:Broker: there is no key 'LoggerFactory' here.", "MaxConnections")]
    [InlineData("QueueIpc:Broker:MaxItemBytes", "many", "QueueIpc:Broker: ", "'many' at 'QueueIpc:Broker:MaxItemBytes'")]
    [InlineData("QueueIpc:Queues:jobs:Capacities", "1", "QueueIpc:Queues:jobs: there is no key 'Capacities' here.", "Capacity, MaxBytes, LeaseTime, MaxFailures, Transient.")]
    [InlineData("QueueIpc:Consumers:jobs:Retry", "1", "QueueIpc:Consumers:jobs: there is no key 'Retry' here.", "Concurrency, RetryDelay, RetryDelayMax, IncludeExceptionMessage.")]
    [InlineData("QueueIpc:Brokr:Name", "x", "QueueIpc: there is no section 'Brokr' here.", "Broker, Client, Queues, Consumers.")]
    [InlineData("QueueIpc:Capacity", "1", "QueueIpc: there is no section 'Capacity' here.", "Broker, Client, Queues, Consumers.")]
    public async Task Options_UnknownOrNoNumber_HostDoesNotStartAndSaysWhereAndWhatThereIs(string key, string value, string where, string known)
    {
        using var host = Host(key, value);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.StartsWith(where, error.Message);
        Assert.Contains(known, error.Message);
        Assert.DoesNotContain("Detached", error.Message);
    }

    [Theory]
    [InlineData("QueueIpc:Queues:job:Capacity", "Nobody reads the section 'QueueIpc:Queues:job' of the configuration: this host has the queues 'jobs'")]
    [InlineData("QueueIpc:Consumers:job:Concurrency", "Nobody reads the section 'QueueIpc:Consumers:job' of the configuration: this host has the consumers 'jobs'")]
    [InlineData("QueueIpc:Client:ConnectTimeout", "Nobody reads the section 'QueueIpc:Client' of the configuration: this host has no client")]
    [InlineData("QueueIpc", "Nobody reads the section 'QueueIpc' of the configuration: it is a value, and has no sections. They would be Broker, Client, Queues, Consumers")]
    public async Task Section_OfWhatOnlyOtherHostsHave_IsAWarning(string key, string message)
    {
        using var host = Host(key, "1");

        await host.StartAsync();

        Assert.Equal(message, Assert.Single(host.Log.Of(211)).Message);
    }

    [Fact]
    public async Task Section_WrittenAsItMayBe_IsRead()
    {
        using var host = new TestHost(
            services => services.AddQueueIpcBroker().AddIpcQueue<int>("Jobs").AddIpcQueue<int>("a:b"),
            new() { ["queueipc:QUEUES:jobs:capacity"] = "3", ["QueueIpc:Queues:a:b:Capacity"] = "4", ["QueueIpc:Consumers"] = null, ["Other:Section"] = "5" });

        await host.StartAsync();

        Assert.Equal((3, 4), (host.Get<IpcQueue<int>>("Jobs").Capacity, host.Get<IpcQueue<int>>("a:b").Capacity));
        Assert.Empty(host.Log.Of(211));
    }

    [Fact]
    public async Task Client_NothingToConnectTo_HostDoesNotStartAndSaysWhatToDo()
    {
        Assert.Null(Environment.GetEnvironmentVariable(QueueClient.EndpointVariable));
        using var host = new TestHost(services => services.AddQueueIpcClient());

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.StartsWith("QueueIpc:Client: No broker to connect to", error.Message);
    }

    [Fact]
    public async Task Queue_OptionsContradictTheQueue_HostDoesNotStartAndNamesBoth()
    {
        using var broker = QueueBroker.Start();
        using var other = broker.OpenQueue<int>("jobs", new QueueOptions { Capacity = 5 });
        using var host = new TestHost(
            services => services.AddQueueIpcClient(options => options.Endpoint = broker.Endpoint).AddIpcQueue<int>("jobs"),
            new() { ["QueueIpc:Queues:jobs:Capacity"] = "6" });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(host.StartAsync);

        Assert.Contains("Capacity is 5, not 6", error.Message);
    }

    [Fact]
    public async Task Queue_NoOptions_IsTakenAsItIs()
    {
        using var broker = QueueBroker.Start();
        using var other = broker.OpenQueue<int>("jobs", new QueueOptions { Capacity = 5 });
        using var host = await TestHost.StartAsync(services => services.AddQueueIpcClient(options => options.Endpoint = broker.Endpoint).AddIpcQueue<int>("jobs"));

        Assert.Equal(5, host.Get<IpcQueue<int>>().Capacity);
    }

    [Fact]
    public async Task Queue_OptionsInCode_AreTheQueues()
    {
        using var host = await TestHost.StartAsync(services => services.AddQueueIpcBroker().AddIpcQueue<int>("jobs", options => options.Capacity = 4));

        Assert.Equal(4, host.Get<IpcQueue<int>>().Capacity);
    }

    [Fact]
    public async Task Queue_NoBrokerAnywhere_HostDoesNotStartAndSaysWhatToDo()
    {
        using var host = new TestHost(services => services.AddIpcQueue<int>("jobs"));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(host.StartAsync);

        Assert.StartsWith("Queue 'jobs' has no broker: call AddQueueIpcClient", error.Message);
    }

    [Fact]
    public async Task Queue_SeveralOfOneType_AreToldApartByTheirNames()
    {
        using var host = await TestHost.StartAsync(services => services.AddQueueIpcBroker().AddIpcQueue<int>("a").AddIpcQueue<int>("b").AddIpcQueue<string>("c"));

        Assert.Equal(("a", "b", "c"), (host.Get<IpcQueue<int>>("a").Name, host.Get<IpcQueue<int>>("b").Name, host.Get<IpcQueue<string>>().Name));
        var error = Assert.Throws<InvalidOperationException>(host.Get<IpcQueue<int>>);
        Assert.Contains("2 queues of System.Int32: 'a', 'b'", error.Message);
    }

    [Theory]
    [InlineData("00:00:05", 5)]
    [InlineData("23:00:00", 23 * 3600)]
    [InlineData("1.00:00:00", 24 * 3600)]
    [InlineData("24.00:00:00", 24 * 24 * 3600)]
    [InlineData("1:00:00:00", 24 * 3600)]
    [InlineData("00:01", 60)]
    [InlineData("-00:00:00.001", -0.001)]
    public async Task LeaseTime_WrittenWell_IsTheQueues(string written, double seconds)
    {
        using var host = Host("QueueIpc:Queues:jobs:LeaseTime", written);

        await host.StartAsync();

        Assert.Equal(TimeSpan.FromSeconds(seconds), host.Get<IOptionsMonitor<QueueOptions>>().Get("jobs").LeaseTime);
    }

    [Fact]
    public async Task ConnectTimeout_WrittenAsForEver_IsForEver()
    {
        using var host = new TestHost(services => services.AddQueueIpcBroker().AddQueueIpcClient(), new() { ["QueueIpc:Client:ConnectTimeout"] = "-00:00:00.001" });

        await host.StartAsync();

        Assert.Equal(Timeout.InfiniteTimeSpan, host.Get<IOptions<QueueIpcClientOptions>>().Value.ConnectTimeout);
    }

    /// <summary>What is configured in a host has to be settable there.</summary>
    [Theory]
    [InlineData(typeof(QueueBrokerOptions))]
    [InlineData(typeof(QueueOptions))]
    public void Options_EveryProperty_CanBeSet(Type options) => Assert.All(
        options.GetProperties(),
        property => Assert.DoesNotContain(typeof(System.Runtime.CompilerServices.IsExternalInit), property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers()));

    private static TestHost Host(string key, string value) => new(
        services => services.AddQueueIpcBroker().AddIpcQueueConsumer<int>("jobs", (_, _, _) => Task.CompletedTask),
        new() { [key] = value });
}
