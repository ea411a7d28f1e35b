using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Acceptance;

/// <summary>The end of a queue reaches every process that waits on it.</summary>
public sealed class EndInEveryProcessTests
{
    private const int Ended = 17;

    [Fact]
    public void Case38_Complete_PuttersInOtherProcesses_AllEndAndTheirItemsNeverAppear()
    {
        using var queue = IpcQueue.Create<int>(new QueueOptions { Capacity = 1 });
        queue.Put(0);
        var workers = Enumerable.Range(1, 3).Select(item => WorkerProcess.Start(PutUntilCompleted, queue, item)).ToArray();
        Eventually.True(() => queue.GetInfo().WaitingPuts == 3);

        queue.Complete();

        AllEnded(workers);
        Assert.Equal([0], queue.GetConsumingEnumerable());
    }

    [Fact]
    public async Task Case38_Complete_ByAChild_WakesThisProcessAndAnother()
    {
        using var queue = IpcQueue.Create<int>();
        using var other = WorkerProcess.Start(GetUntilCompleted, queue);
        var get = Task.Run(() => queue.Get());
        Eventually.True(() => queue.GetInfo().WaitingGets == 2);

        using var child = WorkerProcess.Start(Complete, queue);

        await Assert.ThrowsAsync<QueueCompletedException>(() => get.WaitAsync(Times.Long));
        AllEnded([other]);
    }

    [Fact]
    public void Delete_GettersAndReadersInOtherProcesses_AllEndAndAreToldSo()
    {
        var queue = IpcQueue.Create<int>();
        using var words = IpcQueue.Create<string>();
        using var getter = WorkerProcess.Start(GetUntilDeleted, queue, words);
        using var reader = WorkerProcess.Start(ReadUntilDeleted, queue, words);
        Eventually.True(() => queue.GetInfo().WaitingGets == 2);

        queue.Dispose();

        Assert.Contains($"'{queue.Name}' was deleted", words.Get(Times.Long), StringComparison.Ordinal);
        Assert.Contains($"'{queue.Name}' was deleted", words.Get(Times.Long), StringComparison.Ordinal);
        Assert.True(getter.WaitForExit(Times.Long) && reader.WaitForExit(Times.Long));
    }

    private static void AllEnded(WorkerProcess[] workers)
    {
        foreach (var worker in workers)
        {
            Assert.True(worker.WaitForExit(Times.Long));
            Assert.Equal(Ended, worker.ExitCode);
            worker.Dispose();
        }
    }

    private static void Complete(IpcQueue<int> queue) => queue.Complete();

    private static int PutUntilCompleted(IpcQueue<int> queue, int item)
    {
        try
        {
            queue.Put(item);
            return 1;
        }
        catch (QueueCompletedException)
        {
            return Ended;
        }
    }

    private static int GetUntilCompleted(IpcQueue<int> queue)
    {
        try
        {
            queue.Get();
            return 1;
        }
        catch (QueueCompletedException)
        {
            return Ended;
        }
    }

    private static void GetUntilDeleted(IpcQueue<int> queue, IpcQueue<string> words)
    {
        try
        {
            words.Put($"{queue.Get()} came");
        }
        catch (QueueCompletedException e)
        {
            words.Put(e.Message);
        }
    }

    private static void ReadUntilDeleted(IpcQueue<int> queue, IpcQueue<string> words)
    {
        try
        {
            words.Put($"{queue.GetConsumingEnumerable().Count()} items came");
        }
        catch (QueueCompletedException e)
        {
            words.Put(e.Message);
        }
    }
}
