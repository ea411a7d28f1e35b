using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Lifecycle;

/// <summary>An unnamed queue that is gone stays gone, whoever comes late.</summary>
public sealed class DeletedQueueTests
{
    [Fact]
    public void Open_UnnamedQueueThatWasDisposed_SaysThatItWasDeletedAndMakesNone()
    {
        using var other = IpcQueue.Create<int>();
        var queue = IpcQueue.Create<int>();
        var (endpoint, name) = (queue.Endpoint, queue.Name);
        queue.Dispose();

        var error = Assert.Throws<QueueCompletedException>(() => IpcQueue.Open<int>(endpoint, name));

        Assert.Contains("deleted", error.Message, StringComparison.Ordinal);
        using var client = QueueClient.Connect(endpoint);
        Assert.DoesNotContain(client.GetQueues(), info => info.Name == name);
    }

    [Fact]
    public void Reader_TryReadAlone_DrainsTheQueue()
    {
        using var queue = IpcQueue.Create<int>();
        queue.PutMany(Enumerable.Range(0, 100));
        var got = new List<int>();

        while (queue.Reader.TryRead(out var item))
        {
            got.Add(item);
        }

        Assert.Equal(Enumerable.Range(0, 100), got);
    }
}
