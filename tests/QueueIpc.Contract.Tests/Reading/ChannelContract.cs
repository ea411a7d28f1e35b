using System.Threading.Channels;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Reading;

public abstract class ChannelContract(QueueSource source) : QueueContract(source)
{
    [Fact]
    public async Task ReaderAndWriter_UsedAsAChannel_AllArriveInOrderAndBothSidesEnd()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 10 });
        using var other = Another(queue);
        var write = Task.Run(async () =>
        {
            for (var i = 0; i < 1000; i++)
            {
                await queue.Writer.WriteAsync(i);
            }

            queue.Writer.Complete();
        });

        var got = await other.Reader.ReadAllAsync().ToListAsync().AsTask().WaitAsync(Times.Long);

        await write.WaitAsync(Times.Long);
        await other.Reader.Completion.WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 1000), got);
    }

    [Fact]
    public async Task TryWriteAndTryRead_UsualLoops_AllArriveInOrder()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 7 });
        using var other = Another(queue);
        var write = Task.Run(async () =>
        {
            for (var i = 0; i < 500 && await queue.Writer.WaitToWriteAsync();)
            {
                i += queue.Writer.TryWrite(i) ? 1 : 0;
            }

            Assert.True(queue.Writer.TryComplete());
        });
        var got = new List<int>();

        while (await other.Reader.WaitToReadAsync())
        {
            while (other.Reader.TryRead(out var item))
            {
                got.Add(item);
            }
        }

        await write.WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 500), got);
    }

    [Fact]
    public void TryRead_ItemsAreAtTheBroker_FindsThemAllWithAtMostOneFalseBehindEach()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        for (var i = 0; i < 100; i++)
        {
            other.PutMany([i, i]);

            Assert.True(queue.Reader.TryRead(out var first) || queue.Reader.TryRead(out first));
            Assert.True(queue.Reader.TryRead(out var second) || queue.Reader.TryRead(out second));

            Assert.Equal((i, i), (first, second));
        }
    }

    [Fact]
    public void TryRead_PutAfterAFalseAnswer_IsFoundByTheNextOne()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(queue.Reader.TryRead(out _));
            Assert.False(queue.Reader.TryRead(out _));
            other.Put(i);

            Assert.True(queue.Reader.TryRead(out var item));

            Assert.Equal(i, item);
        }
    }

    [Fact]
    public async Task Completion_LastItemReadByTryRead_EndsWithoutAnotherRead()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        other.Put(1);
        Assert.True(await queue.Reader.WaitToReadAsync());
        Assert.False(queue.Reader.Completion.IsCompleted);
        other.Complete();

        Assert.True(queue.Reader.TryRead(out _));

        await queue.Reader.Completion.WaitAsync(Times.Long);
        Assert.False(queue.Reader.TryRead(out _));
        Assert.False(await queue.Reader.WaitToReadAsync());
    }

    [Fact]
    public async Task Completion_QueueCompletedBeforeAnythingWasRead_EndsAtTheFirstLook()
    {
        using var queue = Create<int>();
        queue.Complete();

        Assert.False(queue.Reader.TryRead(out _));

        await queue.Reader.Completion.WaitAsync(Times.Long);
    }

    [Fact]
    public async Task Writer_QueueCompletedByAnother_ClosesLikeAChannel()
    {
        using var queue = Create<int>();
        using var other = Another(queue);

        other.Complete();

        Assert.False(queue.Writer.TryWrite(1));
        Assert.False(await queue.Writer.WaitToWriteAsync());
        var error = await Assert.ThrowsAsync<ChannelClosedException>(async () => await queue.Writer.WriteAsync(1));
        Assert.Contains($"'{queue.Name}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_QueueCompletedWhileWaiting_ChannelClosedException()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var read = queue.Reader.ReadAsync().AsTask();
        UntilWaiting(other, gets: 1);

        other.Complete();

        await Assert.ThrowsAsync<ChannelClosedException>(() => read.WaitAsync(Times.Long));
    }

    [Fact]
    public void TryComplete_SecondTime_False()
    {
        using var queue = Create<int>();

        Assert.True(queue.Writer.TryComplete());
        Assert.False(queue.Writer.TryComplete());

        Assert.True(queue.IsCompleted);
    }

    [Fact]
    public async Task WaitToWriteAsync_FullQueue_EndsWhenThereIsRoomAndTakesNone()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        queue.Put(1);
        Assert.False(queue.Writer.TryWrite(2));
        var wait = queue.Writer.WaitToWriteAsync().AsTask();
        UntilWaiting(queue, puts: 1);

        queue.Get();

        Assert.True(await wait.WaitAsync(Times.Long));
        Assert.Equal(0, queue.Count);
        Assert.True(queue.Writer.TryWrite(2));
    }

    [Fact]
    public async Task WaitToReadAsync_CancelledWhileWaiting_ThrowsAndReadsOnAfterwards()
    {
        using var queue = Create<int>();
        using var cancel = new CancellationTokenSource();
        var wait = queue.Reader.WaitToReadAsync(cancel.Token).AsTask();
        UntilWaiting(queue, gets: 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Times.Long));
        queue.Put(1);
        Assert.Equal(1, await queue.Reader.ReadAsync().AsTask().WaitAsync(Times.Long));
    }

    [Fact]
    public async Task WriteAsyncAndWaitToWriteAsync_CancelledWhileFull_HaveNoEffect()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var cancel = new CancellationTokenSource();
        queue.Put(1);
        var calls = new Task[] { queue.Writer.WriteAsync(2, cancel.Token).AsTask(), queue.Writer.WaitToWriteAsync(cancel.Token).AsTask() };
        UntilWaiting(queue, puts: 2);

        await cancel.CancelAsync();

        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Times.Long));
        }

        Assert.Equal([1], queue.GetMany(10, TimeSpan.Zero));
    }

    /// <summary>Whoever finds that another was quicker goes on waiting; the end is told when it is one.</summary>
    [Fact]
    public async Task Reader_SeveralConsumersAndFewItems_NoneIsToldOfAnEndThatIsNone()
    {
        const int N = 2000;
        using var queue = Create<int>();
        using var other = Another(queue);
        var told = 0;
        var consumers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (await queue.Reader.WaitToReadAsync())
            {
                queue.Reader.TryRead(out var _);
            }

            Interlocked.Increment(ref told);
        })).ToArray();

        for (var i = 0; i < N; i++)
        {
            await other.Writer.WriteAsync(i);
            Assert.Equal(0, Volatile.Read(ref told));
        }

        other.Complete();
        await Task.WhenAll(consumers).WaitAsync(Times.Long);
        Assert.Equal(N, (int)queue.GetInfo().TotalTaken);
    }

    [Fact]
    public async Task Reader_OneConsumerBusyForLong_AnotherOfTheSameReaderIsWoken()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        for (var i = 0; i < 20; i++)
        {
            var first = queue.Reader.ReadAsync().AsTask();
            other.Put(2 * i);
            Assert.Equal(2 * i, await first.WaitAsync(Times.Long));
            var second = queue.Reader.ReadAsync().AsTask();

            // What the first has is confirmed meanwhile, as that of a busy consumer.
            Eventually.True(() => other.GetInfo().Leased == 0);
            other.Put((2 * i) + 1);

            Assert.Equal((2 * i) + 1, await second.WaitAsync(Times.Long));
        }
    }

    [Fact]
    public async Task ReadAsync_Cancelled_TheNextItemIsForOthers()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        for (var i = 0; i < 20; i++)
        {
            using var cancel = new CancellationTokenSource();
            var read = queue.Reader.ReadAsync(cancel.Token).AsTask();
            UntilWaiting(other, gets: 1);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Times.Long));

            other.Put(i);

            Assert.Equal(i, await other.Reader.ReadAsync().AsTask().WaitAsync(Times.Long));
        }
    }

    [Fact]
    public async Task ReadAllAsync_LeftInTheMiddle_TheRestIsForOthers()
    {
        const int N = 5000;
        using var queue = Create<int>();
        using var other = Another(queue);
        other.PutMany(Enumerable.Range(0, N));
        var got = new List<int>();
        await foreach (var item in queue.Reader.ReadAllAsync())
        {
            got.Add(item);
            if (item == N / 4)
            {
                break;
            }
        }

        other.Complete();
        await foreach (var item in other.Reader.ReadAllAsync())
        {
            got.Add(item);
        }

        Assert.Equal(Enumerable.Range(0, N), got.Order());
    }

    [Fact]
    public async Task Reader_HandleDisposed_ReadAheadItemsGoBack()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        other.PutMany([1, 2, 3]);
        Assert.True(await queue.Reader.WaitToReadAsync());

        queue.Dispose();

        Eventually.True(() => other.GetInfo().Leased == 0);
        Assert.Equal([1, 2, 3], other.GetMany(10, TimeSpan.Zero));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await queue.Reader.WaitToReadAsync());
    }

    [Fact]
    public async Task Reader_ItemThatCannotBeRead_ThrowsOnceAndReadsOn()
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        raw.PutMany([[0xc1]]);
        queue.Put("good");

        await Assert.ThrowsAsync<ItemSerializationException>(async () => await queue.Reader.ReadAsync());

        Assert.Equal("good", await queue.Reader.ReadAsync().AsTask().WaitAsync(Times.Long));
        Assert.Equal(1, queue.GetInfo().Dead);
    }

    [Fact]
    public async Task Reader_SeveralConsumersAndBadItemsInBetween_GoodOnesAllArrive()
    {
        const int N = 300;
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        raw.PutMany(Enumerable.Range(0, N).Select(i => i % 10 == 0 ? [0xc1] : new byte[] { 0xa1, (byte)('a' + (i % 20)) }));
        raw.Complete();

        var got = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(ReadAll))).WaitAsync(Times.Long);

        Assert.Equal((N * 9 / 10, N / 10), (got.Sum(one => one.Good), got.Sum(one => one.Bad)));
        Assert.Equal(N / 10, queue.GetInfo().Dead);

        async Task<(int Good, int Bad)> ReadAll()
        {
            var (good, bad) = (0, 0);
            while (await queue.Reader.WaitToReadAsync())
            {
                try
                {
                    while (queue.Reader.TryRead(out var _))
                    {
                        good++;
                    }
                }
                catch (ItemSerializationException)
                {
                    bad++;
                }
            }

            return (good, bad);
        }
    }
}

public sealed class ChannelContractInProcess() : ChannelContract(new InProcess());

public sealed class ChannelContractOverPipe() : ChannelContract(new OverPipe());
