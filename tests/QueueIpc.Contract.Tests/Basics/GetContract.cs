using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Basics;

public abstract class GetContract(QueueSource source) : QueueContract(source)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(300);

    public static TheoryData<GetForm> EveryForm => GetForms.All;

    [Theory]
    [MemberData(nameof(EveryForm))]
    public async Task Get_EveryForm_TakesTheFirstItemAndLeavesTheRest(GetForm form)
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        other.PutMany([1, 2, 3]);

        var item = await GetForms.GetOne(queue, form).WaitAsync(Times.Long);

        queue.Dispose();
        Assert.Equal(1, item);
        Eventually.True(() => other.GetInfo() is { Leased: 0, TotalTaken: 1 });
        Assert.Equal([2, 3], other.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void Case02_Get_EmptyQueue_EveryFormIsEmptyInTimeAndNeverEarly()
    {
        using var queue = Create<int>();
        Assert.False(queue.TryGet(out _));
        Assert.Throws<QueueEmptyException>(() => queue.Get(TimeSpan.Zero));
        Assert.Empty(queue.GetMany(5, TimeSpan.Zero));
        Assert.False(queue.TryLease(out _, TimeSpan.Zero));

        Timing.Takes(TimeSpan.Zero, () => Assert.False(queue.TryGet(out _)));
        Timing.Takes(TimeSpan.Zero, () => Assert.Throws<QueueEmptyException>(() => queue.Get(TimeSpan.Zero)));
        Timing.Takes(TimeSpan.Zero, () => Assert.Empty(queue.GetMany(5, TimeSpan.Zero)));
        Timing.Takes(TimeSpan.Zero, () => Assert.False(queue.TryLease(out _, TimeSpan.Zero)));
        Timing.Takes(Wait, () => Assert.Throws<QueueEmptyException>(() => queue.Get(Wait)));
        Timing.Takes(Wait, () => Assert.False(queue.TryGet(out _, Wait)));
        Timing.Takes(Wait, () => Assert.Empty(queue.GetMany(5, Wait)));
        Timing.Takes(Wait, () => Assert.Throws<QueueEmptyException>(() => queue.Lease(Wait)));
    }

    [Fact]
    public async Task Case02_GetAsync_EmptyQueue_EveryFormIsEmptyInTimeAndNeverEarly()
    {
        using var queue = Create<int>();
        await Assert.ThrowsAsync<QueueEmptyException>(async () => await queue.GetAsync(TimeSpan.Zero));
        Assert.Empty(await queue.GetManyAsync(5, TimeSpan.Zero));

        await Timing.TakesAsync(TimeSpan.Zero, () => Assert.ThrowsAsync<QueueEmptyException>(async () => await queue.GetAsync(TimeSpan.Zero)));
        await Timing.TakesAsync(TimeSpan.Zero, async () => Assert.False((await queue.TryGetAsync(TimeSpan.Zero)).Success));
        await Timing.TakesAsync(Wait, () => Assert.ThrowsAsync<QueueEmptyException>(async () => await queue.GetAsync(Wait)));
        await Timing.TakesAsync(Wait, async () => Assert.False((await queue.TryGetAsync(Wait)).Success));
        await Timing.TakesAsync(Wait, async () => Assert.Empty(await queue.GetManyAsync(5, Wait)));
    }

    [Fact]
    public void Case04_Get_BlockedOnAnEmptyQueue_GetsTheNextItem()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var get = OnThread(() => queue.Get());
        UntilWaiting(other, gets: 1);

        other.Put(7);

        Assert.Equal(7, Within(get));
    }

    [Fact]
    public void Get_TimedOutBefore_TheNextItemIsNotLost()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        for (var i = 0; i < 200; i++)
        {
            var item = i;
            var put = Task.Run(() => other.Put(item));

            var found = queue.TryGet(out var got, TimeSpan.FromMilliseconds(0.05));

            Within(put);
            Assert.Equal(i, found ? got : queue.Get(TimeSpan.Zero));
        }
    }

    [Fact]
    public void Get_EmptyForAWhile_MessageSaysWhatAndWhere()
    {
        using var queue = Create<int>();

        var error = Assert.Throws<QueueEmptyException>(() => queue.Get(TimeSpan.FromMilliseconds(20)));

        Assert.Equal($"Queue '{queue.Name}' was empty for 20 ms.", error.Message);
        Assert.IsType<TimeoutException>(error, exactMatch: false);
    }

    [Fact]
    public void Get_CompletedQueue_MessageSaysWhatAndWhere()
    {
        using var queue = Create<int>();
        queue.Complete();

        var error = Assert.Throws<QueueCompletedException>(() => queue.Get());

        Assert.Equal($"Queue '{queue.Name}' is completed, and nothing is left in it.", error.Message);
    }
}

public sealed class GetContractInProcess() : GetContract(new InProcess());

public sealed class GetContractOverPipe() : GetContract(new OverPipe());
