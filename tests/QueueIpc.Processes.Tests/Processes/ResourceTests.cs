using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>What was opened and disposed leaves nothing behind.</summary>
public sealed class ResourceTests
{
    private const int Rounds = 200;
    private const int WarmUpRounds = 5;

    /// <summary>The runtime opens assemblies when it pleases. What was leaked each time would be far more.</summary>
    private const int Noise = 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Case44_QueuesCreatedAndDisposed_HandlesAreBackAndTheirBrokerHasForgottenThem(bool withPut)
    {
        using var witness = IpcQueue.Create<int>();
        using var client = QueueClient.Connect(witness.Endpoint);
        var before = client.GetQueues().Count;

        AssertNothingIsLeft(() =>
        {
            using var queue = IpcQueue.Create<int>();
            PutIf(withPut, queue);
        });

        Eventually.True(() => client.GetQueues().Count == before);
    }

    [UnixTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Case44_BrokersCreatedAndDisposed_HandlesAreBackAndNoFileIsLeft(bool withPut)
    {
        using var directory = new PrivatePipeDirectory();

        AssertNothingIsLeft(() =>
        {
            using var broker = QueueBroker.Start();
            using var queue = broker.OpenQueue<int>("queue");
            PutIf(withPut, queue);
        });

        Assert.Empty(directory.Files);
    }

    [UnixTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Case44_BrokersWithClientsOverAPipeCreatedAndDisposed_HandlesAreBackAndNoFileIsLeft(bool withPut)
    {
        using var directory = new PrivatePipeDirectory();

        AssertNothingIsLeft(() =>
        {
            using var broker = QueueBroker.Start();
            using var client = QueueClient.Connect(broker.Endpoint);
            using var queue = client.OpenQueue<int>("queue");
            PutIf(withPut, queue);
        });

        Assert.Empty(directory.Files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Case44_ClientsOfOneBrokerConnectedAndDisposed_HandlesAreBack(bool withPut)
    {
        using var broker = QueueBroker.Start();

        AssertNothingIsLeft(() =>
        {
            using var client = QueueClient.Connect(broker.Endpoint);
            using var queue = client.OpenQueue<int>("queue");
            PutIf(withPut, queue);
        });
    }

    private static void AssertNothingIsLeft(Action createAndDispose)
    {
        for (var i = 0; i < WarmUpRounds; i++)
        {
            createAndDispose();
        }

        var before = ProcessTable.OpenHandles();
        for (var i = 0; i < Rounds; i++)
        {
            createAndDispose();
        }

        Eventually.True(() => ProcessTable.OpenHandles() <= before + Noise);
    }

    private static void PutIf(bool wanted, IpcQueue<int> queue)
    {
        if (wanted)
        {
            queue.Put(1);
        }
    }
}
