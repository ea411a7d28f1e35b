using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Acceptance;

/// <summary>The end of a queue reaches every process that waits on it.</summary>
public sealed class EndInEveryProcessTests
{
    private const int Ended = 17;

    [Fact]
    public void Case38_Complete_GettersInOtherProcesses_AllEnd()
    {
        using var queue = IpcQueue.Create<int>();
        var workers = Enumerable.Range(0, 3).Select(_ => WorkerProcess.Start(GetUntilCompleted, queue)).ToArray();
        Eventually.True(() => queue.GetInfo().WaitingGets == 3);

        queue.Complete();

        AllEnded(workers);
    }

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
    public void Case41_Complete_InMidStreamOfManyProcesses_AllEndAndConsumedIsAccepted()
    {
        using var queue = IpcQueue.Create<int>(new QueueOptions { Capacity = 100 });
        using var consumed = IpcQueue.Create<int>();
        using var accepted = IpcQueue.Create<int>();
        var producers = Enumerable.Range(0, 4).Select(_ => WorkerProcess.Start(PutUntilTheEnd, queue, accepted)).ToArray();
        var consumers = Enumerable.Range(0, 6).Select(_ => WorkerProcess.Start(ConsumeAll, queue, consumed)).ToArray();
        var joiners = Enumerable.Range(0, 2).Select(_ => WorkerProcess.Start(JoinAtEnd, queue)).ToArray();
        Eventually.True(() => queue.GetInfo().TotalTaken > 2000);

        queue.Complete();

        foreach (var worker in producers.Concat(consumers).Concat(joiners))
        {
            Assert.True(worker.WaitForExit(Times.Long));
            Assert.Equal(0, worker.ExitCode);
            worker.Dispose();
        }

        var (took, put) = (consumed.GetMany(6, TimeSpan.Zero), accepted.GetMany(4, TimeSpan.Zero));
        Assert.Equal((6, 4), (took.Count, put.Count));
        Assert.Equal(put.Sum(), took.Sum());
        Assert.Equal(put.Sum(), queue.GetInfo().TotalPut);
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

    private static void PutUntilTheEnd(IpcQueue<int> queue, IpcQueue<int> accepted)
    {
        var count = 0;
        try
        {
            while (true)
            {
                queue.Put(count);
                count++;
            }
        }
        catch (QueueCompletedException)
        {
            accepted.Put(count);
        }
    }

    private static void ConsumeAll(IpcQueue<int> queue, IpcQueue<int> consumed) => consumed.Put(queue.GetConsumingEnumerable().Count());

    private static int JoinAtEnd(IpcQueue<int> queue)
    {
        // Empty for a moment is joined as well; what counts is the end.
        while (!queue.IsCompleted)
        {
            queue.Join();
        }

        return 0;
    }
}
