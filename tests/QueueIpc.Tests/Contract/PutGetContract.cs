using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Contract;

/// <summary>One item at a time: every call form, its timeout, and its order.</summary>
public abstract class PutGetContract(QueueSource source) : QueueContract(source)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string> PutForms => CallForms.PutNames;

    public static TheoryData<string> GetForms => CallForms.GetNames;

    [Theory]
    [MemberData(nameof(PutForms))]
    public async Task Case01_Put_SixIntoCapacitySix_ThenFullAtOnce(string form)
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 6 });
        for (var i = 0; i < 6; i++)
        {
            await CallForms.Put(form, queue, i);
        }

        var tryPut = Run.Timed(() => Assert.False(queue.TryPut(6)));
        var putZero = Run.Timed(() => Assert.Throws<QueueFullException>(() => queue.Put(6, TimeSpan.Zero)));

        Assert.True(tryPut < Times.Short, $"TryPut took {tryPut}");
        Assert.True(putZero < Times.Short, $"Put(0) took {putZero}");
        Assert.Equal([0, 1, 2, 3, 4, 5], queue.GetMany(100, TimeSpan.Zero));
    }

    [Fact]
    public async Task Case01_PutWithTimeout_Full_EveryFormNeverEarly()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        queue.Put(0);

        var put = Run.Timed(() => Assert.Throws<QueueFullException>(() => queue.Put(6, Wait)));
        var tryPut = Run.Timed(() => Assert.False(queue.TryPut(1, Wait)));
        var putAsync = await Run.TimedAsync(() => Assert.ThrowsAsync<QueueFullException>(async () => await queue.PutAsync(1, Wait)));
        var putAsyncZero = await Run.TimedAsync(() => Assert.ThrowsAsync<QueueFullException>(async () => await queue.PutAsync(1, TimeSpan.Zero)));

        Assert.InRange(put, Wait, Times.Long);
        Assert.InRange(tryPut, Wait, Times.Long);
        Assert.InRange(putAsync, Wait, Times.Long);
        Assert.True(putAsyncZero < Times.Short, $"PutAsync(0) took {putAsyncZero}");
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void Case02_Get_Empty_EmptyAtOnceAndAfterTheTimeout()
    {
        using var queue = Create<int>();

        var tryGet = Run.Timed(() => Assert.False(queue.TryGet(out _)));
        var getZero = Run.Timed(() => Assert.Throws<QueueEmptyException>(() => queue.Get(TimeSpan.Zero)));
        var get300 = Run.Timed(() => Assert.Throws<QueueEmptyException>(() => queue.Get(Wait)));

        Assert.True(tryGet < Times.Short, $"TryGet took {tryGet}");
        Assert.True(getZero < Times.Short, $"Get(0) took {getZero}");
        Assert.InRange(get300, Wait, Times.Long);
    }

    [Fact]
    public async Task Case02_GetWithTimeout_Empty_EveryFormNeverEarly()
    {
        using var queue = Create<int>();

        var tryGet = Run.Timed(() => Assert.False(queue.TryGet(out _, Wait)));
        var getAsync = await Run.TimedAsync(() => Assert.ThrowsAsync<QueueEmptyException>(async () => await queue.GetAsync(Wait)));
        var tryGetAsync = await Run.TimedAsync(async () => Assert.False((await queue.TryGetAsync(Wait)).Success));
        var getMany = Run.Timed(() => Assert.Empty(queue.GetMany(10, Wait)));
        var getManyAsync = await Run.TimedAsync(async () => Assert.Empty(await queue.GetManyAsync(10, Wait)));
        var getAsyncZero = await Run.TimedAsync(() => Assert.ThrowsAsync<QueueEmptyException>(async () => await queue.GetAsync(TimeSpan.Zero)));

        Assert.All([tryGet, getAsync, tryGetAsync, getMany, getManyAsync], took => Assert.InRange(took, Wait, Times.Long));
        Assert.True(getAsyncZero < Times.Short, $"GetAsync(0) took {getAsyncZero}");
    }

    [Fact]
    public void Case02_Get_ManyShortTimeouts_NeverEarly()
    {
        using var queue = Create<int>();
        for (var ms = 1; ms <= 30; ms++)
        {
            var timeout = TimeSpan.FromMilliseconds(ms);
            var took = Run.Timed(() => Assert.False(queue.TryGet(out _, timeout)));
            Assert.InRange(took, timeout, Times.Long);
        }
    }

    [Fact]
    public async Task Case03_Timeout_MinusTwoMilliseconds_OutOfRangeInEveryForm()
    {
        using var queue = Create<int>();
        var timeout = TimeSpan.FromMilliseconds(-2);

        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Put(1, timeout));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.TryPut(1, timeout));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await queue.PutAsync(1, timeout));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Get(timeout));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.TryGet(out _, timeout));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.GetMany(1, timeout));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await queue.GetAsync(timeout));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await queue.TryGetAsync(timeout));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await queue.GetManyAsync(1, timeout));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Lease(timeout));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.TryLease(out _, timeout));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Join(timeout));

        Assert.Equal(0, queue.Count);
        Assert.Equal(0, queue.GetInfo().TotalPut);
    }

    [Fact]
    public async Task Case03_Timeout_Infinite_WaitsForItemAndForRoom()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var other = Another(queue);

        var get = Run.OnThread(() => queue.Get(Timeout.InfiniteTimeSpan));
        Eventually.True(() => other.GetInfo().WaitingGets == 1);
        other.Put(1);
        Assert.Equal(1, await get.WaitAsync(Times.Long));

        other.Put(2);
        var put = Run.OnThread(() => queue.Put(3, Timeout.InfiniteTimeSpan));
        Eventually.True(() => other.GetInfo().WaitingPuts == 1);
        Assert.Equal(2, other.Get());
        await put.WaitAsync(Times.Long);
        Assert.Equal(3, other.Get());
    }

    [Fact]
    public void Case03_Timeout_Zero_TakesAndPutsWhatIsPossible()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });

        queue.Put(1, TimeSpan.Zero);
        Assert.Equal(1, queue.Get(TimeSpan.Zero));
    }

    [Fact]
    public void Case03_Timeout_Longest_IsTakenAsItIs()
    {
        using var queue = Create<int>();

        queue.Put(1, TimeSpan.MaxValue);
        Assert.Equal(1, queue.Get(TimeSpan.MaxValue));
    }

    [Theory]
    [MemberData(nameof(PutForms))]
    public async Task Put_EveryForm_WaitsForRoomAndKeepsOrder(string form)
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var other = Another(queue);
        if (form is "TryPut" or "Writer.TryWrite")
        {
            await CallForms.Put(form, queue, 1);
            Assert.Equal(1, other.Get());
            return;
        }

        other.Put(0);
        var put = Run.OnThread(() => CallForms.Put(form, queue, 1).AsTask()).Unwrap();
        Eventually.True(() => other.GetInfo().WaitingPuts == 1);
        Assert.False(put.IsCompleted);
        Assert.Equal(0, other.Get());

        await put.WaitAsync(Times.Long);
        Assert.Equal(1, other.Get());
    }

    [Theory]
    [MemberData(nameof(GetForms))]
    public async Task Get_EveryForm_WaitsForItem(string form)
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        if (form is "TryGet")
        {
            other.Put(7);
            Assert.Equal(7, await CallForms.Get(form, queue));
            return;
        }

        var get = Run.OnThread(() => CallForms.Get(form, queue).AsTask()).Unwrap();
        Eventually.True(() => other.GetInfo().WaitingGets == 1);
        Assert.False(get.IsCompleted);
        other.Put(7);

        Assert.Equal(7, await get.WaitAsync(Times.Long));
        Eventually.True(() => other.GetInfo() is { Leased: 0, TotalTaken: 1 });
    }

    [Theory]
    [MemberData(nameof(GetForms))]
    public async Task Get_EveryForm_TakesTheFirstOfSeveral(string form)
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2, 3]);

        Assert.Equal(1, await CallForms.Get(form, queue));
        Assert.Equal(2, await CallForms.Get(form, queue));
        Assert.Equal(3, await CallForms.Get(form, queue));
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void Case06_TryGet_PutHasReturned_AThousandOfAThousand()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        for (var i = 0; i < 1000; i++)
        {
            queue.Put(i);
            Assert.Equal(1, other.Count);
            Assert.False(other.IsEmpty);
            Assert.True(other.TryGet(out var item), $"round {i}");
            Assert.Equal(i, item);
        }
    }

    [Fact]
    public void Case07_Put_NoCapacityAndNoReader_AHundredThousandReturn()
    {
        using var queue = Create<int>();
        for (var i = 0; i < 100_000; i++)
        {
            queue.Put(i);
        }

        Assert.Equal(100_000, queue.Count);
        Assert.False(queue.IsFull);
        Assert.Equal(0, queue.Capacity);
    }

    [Fact]
    public void Case07_Capacity_AHundredThousand_IsAcceptedAndExact()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 100_000 });
        queue.PutMany(Enumerable.Range(0, 100_000));

        Assert.Equal(100_000, queue.Capacity);
        Assert.True(queue.IsFull);
        Assert.False(queue.TryPut(100_000));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024 * 1024)]
    public void Case09_Put_LargerThanMaxItemBytes_ItemTooLargeAtOnceAndTheConnectionWorksOn(int excess)
    {
        using var queue = Create<byte[]>();
        var tooLarge = new byte[(16 * 1024 * 1024) + excess];

        Assert.Throws<ItemTooLargeException>(() => queue.Put(tooLarge));
        Assert.Throws<ItemTooLargeException>(() => queue.TryPut(tooLarge));
        Assert.Throws<ItemTooLargeException>(() => queue.PutMany([tooLarge]));
        Assert.Equal(0, queue.Count);

        queue.Put([1]);
        Assert.Equal([1], queue.Get());
    }

    [Fact]
    public async Task Case09_PutAsync_LargerThanMaxItemBytes_ItemTooLarge()
    {
        using var queue = Create<byte[]>();
        var tooLarge = new byte[(16 * 1024 * 1024) + 1];

        await Assert.ThrowsAsync<ItemTooLargeException>(async () => await queue.PutAsync(tooLarge));
        await Assert.ThrowsAsync<ItemTooLargeException>(async () => await queue.PutManyAsync([tooLarge]));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Case09_Put_LargerThanTheQueuesMaxBytes_ItemTooLargeAtOnce()
    {
        using var queue = Create<byte[]>(new QueueOptions { MaxBytes = 1000 });

        Assert.Throws<ItemTooLargeException>(() => queue.Put(new byte[1001]));
        Assert.Equal(0, queue.Count);

        queue.Put([1]);
        Assert.Equal([1], queue.Get());
    }
}

public sealed class PutGetInProcess() : PutGetContract(new QueuesInProcess());

public sealed class PutGetOverPipe() : PutGetContract(new QueuesOverPipe());
