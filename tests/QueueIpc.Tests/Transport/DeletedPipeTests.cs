using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Transport;

/// <summary>Whoever cleans up old temporary files may take a pipe for one: its broker puts it back.</summary>
public sealed class DeletedPipeTests
{
    [UnixFact]
    public void Worker_StartedAfterThePipeWasDeleted_FindsItsParent()
    {
        using var queue = IpcQueue.Create<string>();
        File.Delete(queue.Endpoint);

        using var worker = WorkerProcess.Start(Work, queue);

        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Null(worker.Failure);
        Assert.Equal("x", queue.Get(Times.Long));
    }

    [UnixTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Broker_PipeDeletedWhileItIsUsed_IsFoundAgain_AndStillHasItsName(bool lockAsWell)
    {
        var name = $"deleted-{Guid.NewGuid():N}";
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });
        using var before = QueueClient.Connect(name);
        using var queue = before.OpenQueue<int>("jobs");
        File.Delete(broker.Endpoint);
        if (lockAsWell)
        {
            File.Delete(broker.Endpoint + ".lock");
        }

        using var after = QueueClient.Connect(name, new QueueClientOptions { ConnectTimeout = Times.Long });
        using var same = after.OpenQueue<int>("jobs");
        same.Put(1);
        Assert.Equal(1, queue.Get(Times.Long));
        Assert.Contains("already", Assert.Throws<IOException>(() => QueueBroker.Start(new QueueBrokerOptions { Name = name })).Message, StringComparison.Ordinal);

        // Once more, with connections that came after the first time.
        File.Delete(broker.Endpoint);
        using var last = QueueClient.Connect(name, new QueueClientOptions { ConnectTimeout = Times.Long });
        Assert.Single(last.GetQueues());
        broker.Dispose();
        Assert.False(File.Exists(broker.Endpoint));
    }

    private static void Work(IpcQueue<string> queue) => queue.Put("x");
}
