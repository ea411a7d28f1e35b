using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Lifecycle;

public abstract class CompleteContract(QueueSource source) : QueueContract(source)
{
    [Fact]
    public void Case38_Complete_EmptyQueue_WakesEveryBlockedGetter()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var gets = new[] { OnThread(() => queue.Get()), OnThread(() => other.Get()), other.GetAsync().AsTask() };
        UntilWaiting(queue, gets: 3);

        queue.Complete();

        foreach (var get in gets)
        {
            Assert.Contains(queue.Name, Assert.Throws<QueueCompletedException>(() => Within(get)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<QueueCompletedException>(() => other.Put(1));
        Assert.Throws<QueueCompletedException>(() => other.TryPut(1));
    }

    [Fact]
    public void Case38_Complete_FullQueue_WakesEveryBlockedPutter()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var other = Another(queue);
        queue.Put(0);
        var puts = new[] { OnThread(() => queue.Put(1)), OnThread(() => other.Put(2)) };
        UntilWaiting(queue, puts: 2);

        other.Complete();

        foreach (var put in puts)
        {
            Assert.Throws<QueueCompletedException>(() => Within(put));
        }

        Assert.Equal([0], queue.GetConsumingEnumerable());
    }

    [Fact]
    public void Case38_Complete_GettersInOtherProcesses_AllEnd()
    {
        using var queue = IpcQueue.Create<int>();
        var workers = Enumerable.Range(0, 3).Select(_ => WorkerProcess.Start(GetUntilCompleted, queue)).ToArray();
        UntilWaiting(queue, gets: 3);

        queue.Complete();

        foreach (var worker in workers)
        {
            Assert.True(worker.WaitForExit(Times.Long));
            Assert.Equal(17, worker.ExitCode);
            worker.Dispose();
        }
    }

    [Fact]
    public void Case39_Complete_WithItems_GetsDrainThemAndThenThrow()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2]);

        queue.Complete();

        Assert.Equal(1, queue.Get());
        Assert.False(queue.IsCompleted);
        Assert.Equal(2, queue.Get());
        Assert.True(queue.IsCompleted);
        Assert.Throws<QueueCompletedException>(() => queue.Get());
        Assert.Throws<QueueCompletedException>(() => queue.TryGet(out _));
        Assert.Throws<QueueCompletedException>(() => queue.Get(TimeSpan.FromSeconds(1)));
        Assert.Throws<QueueCompletedException>(() => queue.GetMany(5, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Case39_CompleteDiscard_WithItemsAndALease_CountIsZeroAndJoinWaitsForTheAck()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2, 3]);
        using var lease = queue.Lease();

        queue.Complete(discard: true);

        Assert.Equal(0, queue.Count);
        Assert.False(queue.Join(TimeSpan.Zero));
        lease.Ack();
        Assert.True(queue.Join(TimeSpan.Zero));
        Assert.True(queue.IsCompleted);
    }

    [Fact]
    public async Task Case40_Complete_TwiceAndDrainThenDiscard_NeverReopensAndReadersEnd()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2, 3]);
        queue.Complete();
        queue.Complete();
        Assert.Equal(1, queue.Get());

        queue.Complete(discard: true);
        queue.Complete();

        Assert.Throws<QueueCompletedException>(() => queue.Put(4));
        await foreach (var item in queue.ReadAllAsync())
        {
            Assert.Fail($"{item} should be discarded");
        }

        Assert.Equal([], queue.GetConsumingEnumerable());
        Assert.True(queue.IsCompleted);
    }

    [Fact]
    public async Task Case40_ReadAllAsync_WaitingWhenCompleted_EndsWithoutAnException()
    {
        using var queue = Create<int>();
        var read = Task.Run(async () => await queue.ReadAllAsync().CountAsync());
        UntilWaiting(queue, gets: 1);
        queue.PutMany([1, 2, 3]);

        queue.Complete();

        Assert.Equal(3, await read.WaitAsync(Times.Long));
    }

    [Fact]
    public void Case41_Complete_InMidStreamOfManyProcesses_AllEndAndConsumedIsAccepted()
    {
        using var queue = IpcQueue.Create<int>(new QueueOptions { Capacity = 100 });
        using var consumed = IpcQueue.Create<int>();
        using var accepted = IpcQueue.Create<int>();
        var producers = Enumerable.Range(0, 4).Select(_ => WorkerProcess.Start(PutUntilCompleted, queue, accepted)).ToArray();
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

    private static int GetUntilCompleted(IpcQueue<int> queue)
    {
        try
        {
            queue.Get();
            return 1;
        }
        catch (QueueCompletedException)
        {
            return 17;
        }
    }

    private static void PutUntilCompleted(IpcQueue<int> queue, IpcQueue<int> accepted)
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

public sealed class CompleteContractInProcess() : CompleteContract(new InProcess());

public sealed class CompleteContractOverPipe() : CompleteContract(new OverPipe());
