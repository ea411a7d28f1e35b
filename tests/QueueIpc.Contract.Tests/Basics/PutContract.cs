using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Basics;

public abstract class PutContract(QueueSource source) : QueueContract(source)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(300);

    public static TheoryData<PutForm> EveryForm => PutForms.All;

    [Fact]
    public void Case01_Put_FullQueue_EveryFormIsFullInTimeAndNeverEarly()
    {
        using var queue = Full();
        Assert.False(queue.TryPut(6));
        Assert.Throws<QueueFullException>(() => queue.Put(6, TimeSpan.Zero));

        Timing.Takes(TimeSpan.Zero, () => Assert.False(queue.TryPut(6)));
        Timing.Takes(TimeSpan.Zero, () => Assert.Throws<QueueFullException>(() => queue.Put(6, TimeSpan.Zero)));
        Timing.Takes(TimeSpan.Zero, () => Assert.False(queue.TryPut(6, TimeSpan.Zero)));
        Timing.Takes(Wait, () => Assert.Throws<QueueFullException>(() => queue.Put(6, Wait)));
        Timing.Takes(Wait, () => Assert.False(queue.TryPut(6, Wait)));

        Assert.Equal((6, 6L), (queue.Count, queue.GetInfo().TotalPut));
    }

    [Fact]
    public async Task Case01_PutAsync_FullQueue_IsFullInTimeAndNeverEarly()
    {
        using var queue = Full();
        await Assert.ThrowsAsync<QueueFullException>(async () => await queue.PutAsync(6, TimeSpan.Zero));

        await Timing.TakesAsync(TimeSpan.Zero, () => Assert.ThrowsAsync<QueueFullException>(async () => await queue.PutAsync(6, TimeSpan.Zero)));
        await Timing.TakesAsync(Wait, () => Assert.ThrowsAsync<QueueFullException>(async () => await queue.PutAsync(6, Wait)));

        Assert.Equal((6, 6L), (queue.Count, queue.GetInfo().TotalPut));
    }

    [Fact]
    public void Case04_Put_BlockedOnAFullQueue_CompletesAtTheNextGetAndKeepsOrder()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 2 });
        using var other = Another(queue);
        queue.PutMany([1, 2]);
        var put = OnThread(() => queue.Put(3));
        UntilWaiting(other, puts: 1);

        Assert.Equal(1, other.Get());

        Within(put);
        Assert.Equal([2, 3], other.GetMany(10, TimeSpan.Zero));
    }

    [Theory]
    [MemberData(nameof(EveryForm))]
    public async Task Case09_Put_ItemOverTheLimit_IsRefusedAtOnceAndTheConnectionWorksOn(PutForm form)
    {
        using var queue = Create<byte[]>();
        var tooLarge = new byte[(16 * 1024 * 1024) + 1];

        var error = await Assert.ThrowsAsync<ItemTooLargeException>(() => PutForms.PutOne(queue, tooLarge, form));

        Assert.Contains($"'{queue.Name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("16777217", error.Message, StringComparison.Ordinal);
        Assert.Contains("16777216", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxItemBytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.GetInfo().TotalPut);
        queue.Put([1]);
        Assert.Equal([1], queue.Get());
    }

    [Fact]
    public void Put_ItemWithinMaxBytesButNoRoom_WaitsUntilThereIs()
    {
        using var queue = Create<byte[]>(new QueueOptions { MaxBytes = 1000 });
        queue.Put(new byte[600]);
        Assert.False(queue.TryPut(new byte[600]));
        var put = OnThread(() => queue.Put(new byte[500]));
        UntilWaiting(queue, puts: 1);

        Assert.Equal(600, queue.Get().Length);

        Within(put);
        Assert.Equal((1, 500L), (queue.Count, queue.GetInfo().Bytes));
    }

    [Theory]
    [MemberData(nameof(EveryForm))]
    public async Task Put_ItemLargerThanMaxBytes_SaysThatItNeverFits(PutForm form)
    {
        using var queue = Create<byte[]>(new QueueOptions { MaxBytes = 1000 });

        var error = await Assert.ThrowsAsync<ItemTooLargeException>(() => PutForms.PutOne(queue, new byte[1001], form));

        Assert.Contains($"'{queue.Name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxBytes 1000", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Put_FullForAWhile_MessageSaysWhatAndWhere()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        queue.Put(1);

        var error = Assert.Throws<QueueFullException>(() => queue.Put(2, TimeSpan.FromMilliseconds(20)));

        Assert.Equal($"Queue '{queue.Name}' was full for 20 ms (capacity 1). The item was not put.", error.Message);
        Assert.IsType<TimeoutException>(error, exactMatch: false);
    }

    [Fact]
    public void Put_CompletedQueue_MessageSaysWhatAndWhere()
    {
        using var queue = Create<int>();
        queue.Complete();

        var error = Assert.Throws<QueueCompletedException>(() => queue.Put(2));

        Assert.Contains($"'{queue.Name}' is completed", error.Message, StringComparison.Ordinal);
    }

    private IpcQueue<int> Full()
    {
        var queue = Create<int>(new QueueOptions { Capacity = 6 });
        queue.PutMany([0, 1, 2, 3, 4, 5]);
        return queue;
    }
}

public sealed class PutContractInProcess() : PutContract(new InProcess());

public sealed class PutContractOverPipe() : PutContract(new OverPipe());
