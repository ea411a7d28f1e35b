using QueueIpc.Tests.Items;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Basics;

public abstract class ManyContract(QueueSource source) : QueueContract(source)
{
    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(250)]
    public void Case47_GetMany_SomeItems_UpToMaxAtOnceWithoutWaitingForMore(int ready)
    {
        using var queue = Create<int>();
        queue.Put(-1);
        queue.GetMany(100, Times.Long);
        queue.PutMany(Enumerable.Range(0, ready));
        IReadOnlyList<int> got = [];

        Timing.Takes(TimeSpan.Zero, () => got = queue.GetMany(100, Times.Long));

        Assert.Equal(Enumerable.Range(0, Math.Min(ready, 100)), got);
        Assert.Equal(Math.Max(0, ready - 100), queue.Count);
    }

    [Fact]
    public async Task Case47_GetManyAsync_WaitingWhenOneItemComes_EndsWithThatOne()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var get = queue.GetManyAsync(100, Timeout.InfiniteTimeSpan).AsTask();
        UntilWaiting(other, gets: 1);

        other.Put(7);

        Assert.Equal([7], await get.WaitAsync(Times.Long));
    }

    [Fact]
    public void Case47_PutMany_HundredIntoCapacityFifty_GoesThroughAsAConsumerTakes()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 50 });
        using var other = Another(queue);
        var put = OnThread(() => queue.PutMany(Enumerable.Range(0, 100)));
        UntilWaiting(other, puts: 1);
        Assert.Equal(50, other.Count);

        var got = Enumerable.Range(0, 100).Select(_ => other.Get()).ToArray();

        Within(put);
        Assert.Equal(Enumerable.Range(0, 100), got);
        Assert.Equal(0, other.Count);
    }

    [Fact]
    public void PutMany_HundredThousand_AllArriveInOrder()
    {
        using var queue = Create<int>();
        using var other = Another(queue);

        queue.PutMany(Enumerable.Range(0, 100_000));

        Assert.Equal(100_000, other.Count);
        var got = new List<int>();
        while (other.GetMany(1000, TimeSpan.Zero) is { Count: > 0 } some)
        {
            got.AddRange(some);
        }

        Assert.Equal(Enumerable.Range(0, 100_000), got);
    }

    [Fact]
    public async Task PutManyAsync_SourceThatComesSlowly_WhatHasComeIsPutBeforeTheNextIsWaitedFor()
    {
        using var queue = Create<int>();
        var source = System.Threading.Channels.Channel.CreateUnbounded<int>();
        var put = queue.PutManyAsync(source.Reader.ReadAllAsync());
        source.Writer.TryWrite(1);
        source.Writer.TryWrite(2);

        Assert.Equal(1, await queue.GetAsync(Times.Long));
        Assert.Equal(2, await queue.GetAsync(Times.Long));

        Assert.False(put.IsCompleted);
        source.Writer.TryWrite(3);
        source.Writer.Complete();
        await put.WaitAsync(Times.Long);
        Assert.Equal([3], queue.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void PutMany_Nothing_IsDone()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        queue.Put(1);

        queue.PutMany([]);

        Assert.Equal(1, queue.GetInfo().TotalPut);
    }

    [Fact]
    public void PutMany_SourceThrows_WhatCameBeforeIsPut()
    {
        using var queue = Create<int>();

        Assert.Throws<InvalidTimeZoneException>(() => queue.PutMany(Source()));

        Assert.Equal([1, 2], queue.GetMany(10, TimeSpan.Zero));

        static IEnumerable<int> Source()
        {
            yield return 1;
            yield return 2;
            throw new InvalidTimeZoneException();
        }
    }

    [Fact]
    public void PutMany_OneItemOverTheBrokersLimit_ThoseBeforeArePutAndNoneBehind()
    {
        using var queue = Create<byte[]>();

        Assert.Throws<ItemTooLargeException>(() => queue.PutMany([[1], [2], new byte[(16 * 1024 * 1024) + 1], [4]]));

        Assert.Equal([1, 2], queue.GetMany(10, TimeSpan.Zero).Select(item => item[0]));
    }

    [Fact]
    public void PutMany_OneItemOverTheQueuesLimit_ThoseBeforeArePutAndNoneBehind()
    {
        using var queue = Create<byte[]>(new QueueOptions { MaxBytes = 1000 });

        Assert.Throws<ItemTooLargeException>(() => queue.PutMany([[1], [2], new byte[1001], [4]]));

        Assert.Equal([1, 2], queue.GetMany(10, TimeSpan.Zero).Select(item => item[0]));
    }

    [Fact]
    public void PutMany_OneItemThatCannotBeSerialised_ThoseBeforeArePutAndNoneBehind()
    {
        using var queue = Create<Stubborn>();

        Assert.Throws<ItemSerializationException>(() => queue.PutMany([new Stubborn { Text = "a" }, new Stubborn { Text = "b" }, new Stubborn(), new Stubborn { Text = "d" }]));

        Assert.Equal(["a", "b"], queue.GetMany(10, TimeSpan.Zero).Select(item => item.Text));
    }

    [Fact]
    public async Task PutManyAsync_CancelledWhileFull_EndsAndWhatWasAcceptedStays()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 5 });
        using var cancel = new CancellationTokenSource();
        var put = queue.PutManyAsync(Enumerable.Range(0, 10), cancel.Token);
        UntilWaiting(queue, puts: 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put.WaitAsync(Times.Long));
        Assert.Equal([0, 1, 2, 3, 4], queue.GetMany(10, TimeSpan.Zero));
        Assert.Equal(0, queue.GetInfo().WaitingPuts);
    }

    [Fact]
    public void PutMany_QueueCompletedMeanwhile_Throws()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 5 });
        using var other = Another(queue);
        var put = OnThread(() => queue.PutMany(Enumerable.Range(0, 10)));
        UntilWaiting(other, puts: 1);

        other.Complete();

        Assert.Throws<QueueCompletedException>(() => Within(put));
        Assert.Equal([0, 1, 2, 3, 4], other.GetConsumingEnumerable());
    }

    [Fact]
    public async Task PutMany_NoItems_ArgumentNullException()
    {
        using var queue = Create<int>();

        Assert.Throws<ArgumentNullException>(() => queue.PutMany(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => queue.PutManyAsync((IEnumerable<int>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => queue.PutManyAsync((IAsyncEnumerable<int>)null!));
    }

    [Fact]
    public void GetMany_ItemsOfHalfAMebibyte_ComeInPiecesAndInOrder()
    {
        using var queue = Create<byte[]>();
        for (byte i = 0; i < 6; i++)
        {
            queue.Put([i, .. new byte[512 * 1024]]);
        }

        var got = new List<byte>();
        var pieces = 0;
        while (queue.GetMany(100, TimeSpan.Zero) is { Count: > 0 } some)
        {
            pieces++;
            got.AddRange(some.Select(item => item[0]));
        }

        Assert.Equal([0, 1, 2, 3, 4, 5], got);
        Assert.InRange(pieces, 2, 6);
    }
}

public sealed class ManyContractInProcess() : ManyContract(new InProcess());

public sealed class ManyContractOverPipe() : ManyContract(new OverPipe());
