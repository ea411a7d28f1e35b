using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Basics;

public abstract class TimeoutContract(QueueSource source) : QueueContract(source)
{
    public static TheoryData<TimeSpan> NoTimeouts => [TimeSpan.FromMilliseconds(-2), TimeSpan.FromTicks(-1), TimeSpan.FromMilliseconds(-1.5), TimeSpan.MinValue];

    [Theory]
    [MemberData(nameof(NoTimeouts))]
    public async Task Case03_EveryCall_NegativeTimeout_ArgumentOutOfRangeAndNothingHappened(TimeSpan timeout)
    {
        using var queue = Create<int>();
        queue.Put(1);

        OutOfRange(() => queue.Put(2, timeout));
        OutOfRange(() => queue.TryPut(2, timeout));
        OutOfRange(() => queue.Get(timeout));
        OutOfRange(() => queue.TryGet(out _, timeout));
        OutOfRange(() => queue.GetMany(1, timeout));
        OutOfRange(() => queue.Lease(timeout));
        OutOfRange(() => queue.TryLease(out _, timeout));
        OutOfRange(() => queue.LeaseMany(1, timeout));
        OutOfRange(() => queue.Join(timeout));
        OutOfRange(() => queue.PutMany([2], timeout));
        await OutOfRangeAsync(async () => await queue.LeaseAsync(timeout));
        await OutOfRangeAsync(async () => await queue.TryLeaseAsync(timeout));
        await OutOfRangeAsync(async () => await queue.LeaseManyAsync(1, timeout));
        await OutOfRangeAsync(async () => await queue.JoinAsync(timeout));
        await OutOfRangeAsync(async () => await queue.PutManyAsync([2], timeout));
        await OutOfRangeAsync(async () => await queue.PutAsync(2, timeout));
        await OutOfRangeAsync(async () => await queue.GetAsync(timeout));
        await OutOfRangeAsync(async () => await queue.TryGetAsync(timeout));
        await OutOfRangeAsync(async () => await queue.GetManyAsync(1, timeout));

        Assert.Equal([1], queue.GetMany(10, TimeSpan.Zero));

        void OutOfRange(Action call) => Check(Assert.Throws<ArgumentOutOfRangeException>(call));
        async Task OutOfRangeAsync(Func<Task> call) => Check(await Assert.ThrowsAsync<ArgumentOutOfRangeException>(call));
        void Check(ArgumentOutOfRangeException error) => Assert.Equal(("timeout", (object)timeout), (error.ParamName, error.ActualValue));
    }

    [Fact]
    public async Task EveryCallThatWaits_NothingComesInTime_SaysSoAndNothingHappened()
    {
        using var queue = Create<int>();
        var time = TimeSpan.FromMilliseconds(20);
        await Assert.ThrowsAsync<QueueEmptyException>(async () => await queue.LeaseAsync(time));
        Assert.False((await queue.TryLeaseAsync(time)).Success);
        Assert.False(queue.TryLease(out _, time, CancellationToken.None));
        Assert.Empty(queue.LeaseMany(1, time, CancellationToken.None));
        Assert.Empty(queue.GetMany(1, time, CancellationToken.None));
        queue.Put(1);
        Assert.False(queue.Join(time, CancellationToken.None));
        Assert.False(await queue.JoinAsync(time));
        queue.Get();
        Assert.True(await queue.JoinAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task PutMany_NoRoomInTime_PutsWhatThereIsRoomForInOrderAndSaysSo()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 3 });
        var time = TimeSpan.FromMilliseconds(20);
        Assert.Throws<QueueFullException>(() => queue.PutMany(Enumerable.Range(0, 5), time));
        Assert.Equal([0, 1, 2], queue.GetMany(10, TimeSpan.Zero));
        await Assert.ThrowsAsync<QueueFullException>(() => queue.PutManyAsync(Enumerable.Range(0, 100_000), time));
        Assert.Equal([0, 1, 2], queue.GetMany(10, TimeSpan.Zero));
        await Assert.ThrowsAsync<QueueFullException>(() => queue.PutManyAsync(Enumerable.Range(0, 5).ToAsyncEnumerable(), TimeSpan.Zero));
        Assert.Equal([0, 1, 2], queue.GetMany(10, TimeSpan.Zero));
        Assert.Empty(queue.GetMany(10, time));
    }

    [Fact]
    public void Case03_Get_InfiniteTimeSpan_WaitsUntilThereIsAnItem()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var gets = new[] { OnThread(() => queue.Get(Timeout.InfiniteTimeSpan)), OnThread(() => queue.Get(TimeSpan.MaxValue)) };
        UntilWaiting(other, gets: 2);

        other.PutMany([1, 2]);

        Assert.Equal([1, 2], Within(Task.WhenAll(gets)).Order());
    }

    [Fact]
    public void Case03_Put_InfiniteTimeSpan_WaitsUntilThereIsRoom()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var other = Another(queue);
        queue.Put(0);
        var puts = new[] { OnThread(() => queue.Put(1, Timeout.InfiniteTimeSpan)), OnThread(() => queue.Put(2, TimeSpan.MaxValue)) };
        UntilWaiting(other, puts: 2);

        var got = new[] { other.Get(), other.Get(), other.Get() };

        Within(Task.WhenAll(puts));
        Assert.Equal([0, 1, 2], got.Order());
    }

    [Fact]
    public void Case03_EveryCall_Zero_PollsAndFindsWhatIsThere()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });

        queue.Put(1, TimeSpan.Zero);
        Assert.False(queue.TryPut(2, TimeSpan.Zero));
        Assert.Equal(1, queue.Get(TimeSpan.Zero));
        Assert.False(queue.TryGet(out _, TimeSpan.Zero));
        Assert.True(queue.Join(TimeSpan.Zero));
    }

    [Fact]
    public void Join_SomethingUnfinished_FalseInTimeAndNeverEarly()
    {
        using var queue = Create<int>();
        queue.Put(1);
        Assert.False(queue.Join(TimeSpan.Zero));

        Timing.Takes(TimeSpan.FromMilliseconds(300), () => Assert.False(queue.Join(TimeSpan.FromMilliseconds(300))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task GetMany_FewerThanOne_ArgumentOutOfRange(int max)
    {
        using var queue = Create<int>();

        Assert.Throws<ArgumentOutOfRangeException>(() => queue.GetMany(max, TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await queue.GetManyAsync(max, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.GetDeadItems(max));
    }

    [Fact]
    public async Task Verdicts_ImpossibleTimes_ArgumentOutOfRangeAndTheLeaseStays()
    {
        using var queue = Create<int>();
        queue.Put(1);
        using var lease = queue.Lease();

        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Nack(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Extend(TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await lease.NackAsync(TimeSpan.FromTicks(-1)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await lease.ExtendAsync(TimeSpan.FromMilliseconds(-1)));
        Assert.Throws<ArgumentNullException>(() => lease.DeadLetter(null!));

        lease.Ack();
        Assert.Equal(1, queue.GetInfo().TotalTaken);
    }
}

public sealed class TimeoutContractInProcess() : TimeoutContract(new InProcess());

public sealed class TimeoutContractOverPipe() : TimeoutContract(new OverPipe());
