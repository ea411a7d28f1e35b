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
    public void Case14_Get_ManyBlocked_AreServedInOrderOfArrival()
    {
        const int N = 10;
        using var queue = Create<int>();
        var handles = Enumerable.Range(0, N).Select(_ => Another(queue)).ToArray();
        var gets = new Task<int>[N];
        for (var i = 0; i < N; i++)
        {
            var at = i;
            gets[i] = i % 2 == 0 ? OnThread(() => handles[at].Get()) : handles[at].GetAsync().AsTask();
            UntilWaiting(queue, gets: i + 1);
        }

        queue.PutMany(Enumerable.Range(0, N));

        Assert.Equal(Enumerable.Range(0, N), Within(Task.WhenAll(gets)));
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

    [Fact]
    public void TryPeek_SomeItems_ShowsTheFirstAndLeavesIt()
    {
        using var queue = Create<string>();
        Assert.False(queue.TryPeek(out var none));
        queue.PutMany(["a", "b"]);

        Assert.True(queue.TryPeek(out var first));

        Assert.Null(none);
        Assert.Equal("a", first);
        Assert.Equal(["a", "b"], queue.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void Clear_SomeReadyAndOneLeased_RemovesWhatIsReady()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 3 });
        queue.PutMany([1, 2, 3]);
        using var lease = queue.Lease();
        queue.Put(4);
        var waiting = queue.PutAsync(5).AsTask();
        UntilWaiting(queue, puts: 1);

        Assert.Equal(3, queue.Clear());

        Within(waiting);
        Assert.Equal((1, 1), (queue.Count, queue.GetInfo().Leased));
        Assert.Equal(1, lease.Item);
        Assert.Equal(5, queue.Get());
        Assert.Equal(0, queue.Clear());
        lease.Ack();
        Assert.True(queue.Join(TimeSpan.Zero));
    }
}

public sealed class GetContractInProcess() : GetContract(new InProcess());

public sealed class GetContractOverPipe() : GetContract(new OverPipe());
