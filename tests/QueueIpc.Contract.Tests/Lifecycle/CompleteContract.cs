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
}

public sealed class CompleteContractInProcess() : CompleteContract(new InProcess());

public sealed class CompleteContractOverPipe() : CompleteContract(new OverPipe());
