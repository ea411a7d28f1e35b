using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Contract;

/// <summary>Many items with one call.</summary>
public abstract class PutManyGetManyContract(QueueSource source) : QueueContract(source)
{
    [Fact]
    public async Task Case47_GetMany_OneItemThere_ReturnsItWithoutWaitingForMore()
    {
        using var queue = Create<int>();
        queue.PutMany([1]);

        Assert.Equal([1], queue.GetMany(100, Timeout.InfiniteTimeSpan));
        queue.PutMany([2, 3]);
        Assert.Equal([2, 3], await queue.GetManyAsync(100, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task Case47_GetMany_Waiting_ReturnsWithTheFirst()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var get = Run.OnThread(() => queue.GetMany(100, Timeout.InfiniteTimeSpan));
        Eventually.True(() => other.GetInfo().WaitingGets == 1);

        other.Put(1);

        Assert.Equal([1], await get.WaitAsync(Times.Long));
    }

    [Fact]
    public void Case47_GetMany_MoreThanMax_ReturnsMax()
    {
        using var queue = Create<int>();
        queue.PutMany(Enumerable.Range(0, 250));

        Assert.Equal(Enumerable.Range(0, 100), queue.GetMany(100, Times.Long));
        Assert.Equal(Enumerable.Range(100, 100), queue.GetMany(100, Times.Long));
        Assert.Equal(Enumerable.Range(200, 50), queue.GetMany(100, Times.Long));
        Assert.Empty(queue.GetMany(100, TimeSpan.Zero));
    }

    [Fact]
    public async Task Case47_PutMany_AHundredIntoCapacityFifty_GoesThroughAsAConsumerTakes()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 50 });
        using var other = Another(queue);
        var put = Run.OnThread(() => queue.PutMany(Enumerable.Range(0, 100)));
        Eventually.True(() => other.IsFull);
        Assert.False(put.IsCompleted);
        Assert.Equal(50, other.Count);

        var got = new List<int>();
        while (got.Count < 100)
        {
            got.Add(other.Get(Times.Long));
            Assert.True(other.Count <= 50);
        }

        await put.WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 100), got);
    }

    [Fact]
    public async Task Case47_PutManyAsync_AHundredIntoCapacityFifty_GoesThroughAsAConsumerTakes()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 50 });
        using var other = Another(queue);
        var put = queue.PutManyAsync(Enumerable.Range(0, 100));
        Eventually.True(() => other.IsFull);
        Assert.False(put.IsCompleted);

        var got = new List<int>();
        while (got.Count < 100)
        {
            got.AddRange(await other.GetManyAsync(7, Times.Long));
        }

        await put.WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 100), got);
    }

    [Fact]
    public void PutMany_ManyBatches_KeepOrder()
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
    public void PutMany_ItemsOfAllSizes_KeepOrderAndBoundaries()
    {
        using var queue = Create<byte[]>();
        int[] sizes = [0, 1, 60 * 1024, (60 * 1024) + 1, 2, 1024 * 1024, 0, 32 * 1024, (32 * 1024) - 4, 3];

        queue.PutMany(sizes.Select(Filled));

        Assert.All(sizes, size => Assert.Equal(Filled(size), queue.Get(TimeSpan.Zero)));
        Assert.True(queue.IsEmpty);

        static byte[] Filled(int size)
        {
            var bytes = new byte[size];
            Array.Fill(bytes, (byte)size);
            return bytes;
        }
    }

    [Fact]
    public void PutMany_SmallItemsAndThenTheLargest_AllGoIn()
    {
        using var queue = Create<byte[]>();
        var small = Enumerable.Range(0, 60).Select(_ => new byte[1000]);
        var largest = new byte[16 * 1024 * 1024];

        queue.PutMany([.. small, largest]);

        Assert.Equal(61, queue.Count);
        Assert.Equal(60, queue.GetMany(60, TimeSpan.Zero).Count);
        Assert.Equal(largest.Length, queue.Get(TimeSpan.Zero).Length);
    }

    [Fact]
    public async Task PutMany_Nothing_Returns()
    {
        using var queue = Create<int>();

        queue.PutMany([]);
        await queue.PutManyAsync([]);
        await queue.PutManyAsync(AsyncEnumerable.Empty<int>());

        Assert.Equal(0, queue.GetInfo().TotalPut);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(50_000)]
    public async Task PutMany_SourceThrowsInTheMiddle_ItemsBeforeItArePut(int before)
    {
        using var queue = Create<int>();
        using var other = Another(queue);

        Assert.Throws<FormatException>(() => queue.PutMany(BrokenAfter(before)));
        Assert.Equal(before, other.Clear());
        await Assert.ThrowsAsync<FormatException>(() => queue.PutManyAsync(BrokenAfter(before)));
        Assert.Equal(before, other.Clear());
        await Assert.ThrowsAsync<FormatException>(() => queue.PutManyAsync(BrokenAfterAsync(before)));
        Assert.Equal(before, other.Clear());

        queue.Put(1);
        Assert.Equal(1, other.Get(TimeSpan.Zero));
    }

    [Fact]
    public async Task PutMany_ItemThatCannotBeSerialised_ItemsBeforeItArePut()
    {
        using var queue = Create<Spiky>();
        Spiky[] items = [new(1), new(2), new(-3), new(4)];

        Assert.Throws<ItemSerializationException>(() => queue.PutMany(items));
        Assert.Equal([1, 2], queue.GetMany(10, TimeSpan.Zero).Select(item => item.Number));
        await Assert.ThrowsAsync<ItemSerializationException>(() => queue.PutManyAsync(items));
        Assert.Equal([1, 2], queue.GetMany(10, TimeSpan.Zero).Select(item => item.Number));
    }

    [Fact]
    public void PutMany_ItemTooLargeInTheMiddle_ItemsBeforeItArePut()
    {
        using var queue = Create<byte[]>();

        Assert.Throws<ItemTooLargeException>(() => queue.PutMany([[1], [2], new byte[(16 * 1024 * 1024) + 1], [3]]));

        Assert.Equal(2, queue.Count);
        Assert.Equal([1], queue.Get(TimeSpan.Zero));
        Assert.Equal([2], queue.Get(TimeSpan.Zero));
    }

    [Fact]
    public async Task PutManyAsync_SlowSource_WhatThereIsGoesOnBeforeTheNextCame()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var next = new TaskCompletionSource();

        var put = queue.PutManyAsync(Slow());
        Assert.Equal(1, await other.GetAsync(Times.Long));
        Assert.Equal(2, await other.GetAsync(Times.Long));
        Assert.False(put.IsCompleted);
        next.SetResult();

        await put.WaitAsync(Times.Long);
        Assert.Equal(3, other.Get(TimeSpan.Zero));

        async IAsyncEnumerable<int> Slow()
        {
            yield return 1;
            yield return 2;
            await next.Task;
            yield return 3;
        }
    }

    [Fact]
    public async Task PutManyAsync_CancelledWhileFull_ThrowsAndWhatWasNotAcceptedNeverAppears()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 5 });
        using var other = Another(queue);
        using var cancel = new CancellationTokenSource();
        var put = queue.PutManyAsync(Enumerable.Range(0, 20), cancel.Token);
        Eventually.True(() => other.GetInfo() is { WaitingPuts: > 0, Ready: 5 });

        await cancel.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put.WaitAsync(Times.Long));

        Assert.Equal(cancel.Token, thrown.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 5), other.GetMany(100, TimeSpan.Zero));
        Assert.False(other.TryGet(out _));
        Assert.Equal(0, other.GetInfo().WaitingPuts);
    }

    [Fact]
    public async Task PutManyAsync_CancelledAtTheStart_PutsNothing()
    {
        using var queue = Create<int>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.PutManyAsync([1, 2], new CancellationToken(canceled: true)));

        Assert.Equal(0, queue.GetInfo().TotalPut);
    }

    [Fact]
    public async Task PutManyAsync_SourceTakesAToken_ItIsTheCallers()
    {
        using var queue = Create<int>();
        using var cancel = new CancellationTokenSource();
        var put = queue.PutManyAsync(UntilCancelled(), cancel.Token);
        Assert.Equal(1, await queue.GetAsync(Times.Long));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put.WaitAsync(Times.Long));

        static async IAsyncEnumerable<int> UntilCancelled([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct = default)
        {
            yield return 1;
            await new TaskCompletionSource().Task.WaitAsync(ct);
            yield return 2;
        }
    }

    [Fact]
    public async Task PutMany_QueueCompletedInTheMiddle_ThrowsAndWhatWasAcceptedStays()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 5 });
        using var other = Another(queue);
        var put = Run.OnThread(() => queue.PutMany(Enumerable.Range(0, 20)));
        Eventually.True(() => other.GetInfo() is { WaitingPuts: > 0, Ready: 5 });

        other.Complete();

        await Assert.ThrowsAsync<QueueCompletedException>(() => put.WaitAsync(Times.Long));
        Assert.Equal(Enumerable.Range(0, 5), other.GetMany(100, TimeSpan.Zero));
    }

    [Fact]
    public async Task PutManyGetMany_WrongArguments_AreTheCallersMistake()
    {
        using var queue = Create<int>();

        Assert.Throws<ArgumentNullException>(() => queue.PutMany(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => queue.PutManyAsync((IEnumerable<int>)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => queue.PutManyAsync((IAsyncEnumerable<int>)null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.GetMany(0, TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await queue.GetManyAsync(-1, TimeSpan.Zero));
    }

    [Fact]
    public void GetMany_PoisonInTheMiddle_ThoseBeforeItFirstAndThenTheException()
    {
        using var queue = Create<Spiky>();
        using var raw = Another<Spiky, byte[]>(queue);
        queue.PutMany([new(1), new(2)]);
        raw.Put([0xC1]);
        queue.PutMany([new(4), new(5)]);

        Assert.Equal([1, 2], queue.GetMany(10, TimeSpan.Zero).Select(item => item.Number));
        var thrown = Assert.Throws<ItemSerializationException>(() => queue.GetMany(10, TimeSpan.Zero));
        Assert.Equal([0xC1], thrown.RawBytes.ToArray());
        Assert.Equal([4, 5], queue.GetMany(10, TimeSpan.Zero).Select(item => item.Number));
        Assert.Equal(1, queue.GetInfo().Dead);
    }

    [Fact]
    public void GetMany_IntMax_TakesWhatIsThere()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2, 3]);

        Assert.Equal([1, 2, 3], queue.GetMany(int.MaxValue, TimeSpan.Zero));
    }

    private static IEnumerable<int> BrokenAfter(int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return i;
        }

        throw new FormatException("the source is broken");
    }

    private static async IAsyncEnumerable<int> BrokenAfterAsync(int count)
    {
        await Task.CompletedTask;
        foreach (var item in BrokenAfter(count))
        {
            yield return item;
        }
    }
}

public sealed class PutManyGetManyInProcess() : PutManyGetManyContract(new QueuesInProcess());

public sealed class PutManyGetManyOverPipe() : PutManyGetManyContract(new QueuesOverPipe());
