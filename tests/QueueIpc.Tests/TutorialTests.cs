using QueueIpc.Tests.Support;

namespace QueueIpc.Tests;

public sealed class TutorialTests
{
    [Fact]
    public void Start_ProducerAndConsumerProcesses_ItemsArriveInOrder()
    {
        using var queue = IpcQueue.Create<string?>();
        using var received = IpcQueue.Create<string>();
        using var producer = WorkerProcess.Start(Produce, queue);
        using var consumer = WorkerProcess.Start(Consume, queue, received);
        Assert.True(producer.WaitForExit(Times.Long));
        queue.Put(null);
        Assert.True(consumer.WaitForExit(Times.Long));

        Assert.Equal(["数据 0", "数据 1", "数据 2", "数据 3", "数据 4"], received.GetMany(100, TimeSpan.Zero));
    }

    private static void Produce(IpcQueue<string?> queue)
    {
        for (var i = 0; i < 5; i++)
        {
            queue.Put($"数据 {i}");
        }
    }

    private static void Consume(IpcQueue<string?> queue, IpcQueue<string> received)
    {
        while (queue.Get() is { } item)
        {
            received.Put(item);
        }
    }
}
