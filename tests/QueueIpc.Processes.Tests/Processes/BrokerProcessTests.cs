using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A broker in a process of its own: how it begins, what reaches it, how it ends.</summary>
public sealed class BrokerProcessTests
{
    [Fact]
    public async Task StartProcess_ThenDispose_ServesInAProcessOfItsOwnAndEndsInOrder()
    {
        var name = $"test-{Guid.NewGuid():N}";
        var broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = name });
        using var client = QueueClient.Connect(name, new QueueClientOptions { ReconnectTimeout = TimeSpan.Zero });
        using var queue = client.OpenQueue<int>("queue");
        queue.Put(1);
        Assert.NotEqual(Environment.ProcessId, broker.ProcessId);
        Assert.True(ProcessTable.IsRunning(broker.ProcessId));
        Assert.False(broker.Completion.IsCompleted);

        await broker.DisposeAsync();

        await broker.Completion.WaitAsync(Times.Long);
        Assert.False(ProcessTable.IsRunning(broker.ProcessId));
        var e = Assert.Throws<BrokerUnavailableException>(() => queue.Get());
        Assert.Contains("stopped", e.Message);
        Assert.Throws<BrokerUnavailableException>(() => QueueClient.Connect(name, new QueueClientOptions { ConnectTimeout = Times.Short }));
    }

    [Fact]
    public void StartProcess_WithLimits_TheyHoldInTheBrokerProcess()
    {
        using var broker = QueueBroker.StartProcess(new QueueBrokerOptions { MaxItemBytes = 100, MaxQueues = 1 });
        using var queue = broker.OpenQueue<byte[]>("queue");
        Assert.Throws<ItemTooLargeException>(() => queue.Put(new byte[101]));
        queue.Put(new byte[100]);
        Assert.Equal(100, queue.Get(Times.Long).Length);
        var e = Assert.Throws<InvalidOperationException>(() => broker.OpenQueue<int>("another"));
        Assert.Contains("1 queues", e.Message);
    }

    [Fact]
    public void StartProcess_OptionOutOfRange_IsAnArgumentException()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => QueueBroker.StartProcess(new QueueBrokerOptions { MaxConnections = 0 }));
        Assert.Throws<ArgumentException>(() => QueueBroker.StartProcess(new QueueBrokerOptions { Name = "no/name" }));
    }

    [Fact]
    public async Task Completion_BrokerProcessKilled_FailsWithTheReason()
    {
        using var broker = QueueBroker.StartProcess();

        ProcessTable.Kill(broker.ProcessId);

        var e = await Assert.ThrowsAsync<BrokerUnavailableException>(() => broker.Completion.WaitAsync(Times.Long));
        Assert.Contains($"{broker.ProcessId}", e.Message);
        Assert.Contains("has ended by itself", e.Message);
        Assert.Contains("exit code", e.Message);
    }

    [UnixFact]
    public async Task Terminate_DetachedBroker_TellsItsClientsAndLeavesNoFiles()
    {
        using var directory = new PrivatePipeDirectory();
        using var broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = "detached", Detached = true });
        using var queue = broker.OpenQueue<int>("queue");
        var waiting = queue.GetAsync().AsTask();
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);

        Signals.Terminate(broker.ProcessId);

        var e = await Assert.ThrowsAsync<BrokerUnavailableException>(() => waiting.WaitAsync(Times.Long));
        Assert.Contains("stopped", e.Message);
        await Assert.ThrowsAsync<BrokerUnavailableException>(() => broker.Completion.WaitAsync(Times.Long));
        Assert.Empty(directory.Files);
    }

    [UnixFact]
    public void Interrupt_BrokerProcess_GoesOn()
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("queue");

        Signals.Interrupt(broker.ProcessId);

        queue.Put(1);
        Assert.Equal(1, queue.Get(Times.Long));
        Assert.False(broker.Completion.IsCompleted);
    }

    [Fact]
    public void Start_AnotherStartupHookOfTheProgramPrintsFirst_TheBrokerIsFoundAllTheSame()
    {
        using var hooks = new EnvironmentVariable("DOTNET_STARTUP_HOOKS", typeof(BrokerProcessTests).Assembly.GetName().Name);
        using var says = new EnvironmentVariable("QUEUEIPC_TESTS_HOOK_SAYS", "The hook says hello.");
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("queue");

        queue.Put(1);

        Assert.Equal(1, queue.Get(Times.Long));
    }

    [Fact]
    public void Start_DetachedInThisProcess_IsRefusedInWords()
    {
        var e = Assert.Throws<ArgumentException>(() => QueueBroker.Start(new QueueBrokerOptions { Detached = true }));

        Assert.Contains("ends with the process", e.Message);
        Assert.Contains("StartProcess", e.Message);
    }

    [UnixFact]
    public void Dispose_DetachedBroker_ServesOnUntilItIsTerminatedAndLeavesNoFiles()
    {
        using var directory = new PrivatePipeDirectory();
        var options = new QueueBrokerOptions { Name = "detached", Detached = true };
        var broker = QueueBroker.StartProcess(options);
        var id = broker.ProcessId;
        using (var queue = broker.OpenQueue<string>("queue"))
        {
            queue.Put("kept");
        }

        broker.Dispose();

        Assert.True(broker.Completion.IsCompletedSuccessfully);
        using (var queue = IpcQueue.Open<string>(options.Name, "queue"))
        {
            Assert.Equal("kept", queue.Get(Times.Long));
        }

        Assert.True(ProcessTable.IsRunning(id));
        Signals.Terminate(id);
        Eventually.True(() => !ProcessTable.IsRunning(id));
        Assert.Empty(directory.Files);
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Connect_MoreThanMaxConnections_IsRefusedInWordsUntilOneLeaves(BrokerPlace place)
    {
        using var broker = place.StartBroker(new QueueBrokerOptions { MaxConnections = 2 });
        using var first = QueueClient.Connect(broker.Endpoint);
        var second = QueueClient.Connect(broker.Endpoint);

        var e = Assert.Throws<BrokerUnavailableException>(() => QueueClient.Connect(broker.Endpoint));

        Assert.Contains("2 connections, its limit", e.Message);
        second.Dispose();
        QueueClient? third = null;
        Eventually.True(() => Record.Exception(() => third = QueueClient.Connect(broker.Endpoint)) is null);
        third!.Dispose();
        Assert.Empty(first.GetQueues());
    }
}
