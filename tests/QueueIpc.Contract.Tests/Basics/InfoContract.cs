using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Basics;

/// <summary>What a queue says about itself.</summary>
public abstract class InfoContract(QueueSource source) : QueueContract(source)
{
    [Fact]
    public void Case05_Count_PutPutGetGet_ReadsZeroOneTwoOneZero()
    {
        using var queue = Create<string>();
        using var other = Another(queue);
        List<(int, int)> counts = [(queue.Count, other.Count)];

        queue.Put("a");
        counts.Add((queue.Count, other.Count));
        other.Put("b");
        counts.Add((queue.Count, other.Count));
        queue.Get();
        counts.Add((queue.Count, other.Count));
        other.Get();
        counts.Add((queue.Count, other.Count));

        Assert.Equal([(0, 0), (1, 1), (2, 2), (1, 1), (0, 0)], counts);
    }

    [Fact]
    public void Case05_IsFull_FromTheCapacitythPutToTheNextGet_AndOnlyThen()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 3 });
        using var other = Another(queue);
        List<bool> full = [other.IsFull];
        for (var i = 0; i < 3; i++)
        {
            queue.Put(i);
            full.Add(other.IsFull);
        }

        queue.Get();
        full.Add(other.IsFull);
        queue.Put(3);
        full.Add(other.IsFull);

        Assert.Equal([false, false, false, true, false, true], full);
    }

    [Fact]
    public void IsFull_NoCapacity_Never()
    {
        using var queue = Create<int>();
        queue.PutMany(Enumerable.Range(0, 1000));

        Assert.False(queue.IsFull);
    }

    [Fact]
    public async Task GetInfo_EachState_IsCountedWhereItIs()
    {
        using var queue = Create<byte[]>(new QueueOptions { Capacity = 7, MaxFailures = 2 });
        using var other = Another(queue);
        queue.PutMany([[1], [2], [3], [4], [5]]);
        other.Lease(TimeSpan.Zero).DeadLetter("no use");
        other.Lease(TimeSpan.Zero).Nack(TimeSpan.FromHours(1));
        using var lease = other.Lease(TimeSpan.Zero);
        queue.Get();

        var info = await queue.GetInfoAsync();

        Assert.Equal(queue.Name, info.Name);
        Assert.Equal((7, 1, 1, 1, 1), (info.Capacity, info.Ready, info.Leased, info.Delayed, info.Dead));
        Assert.Equal((5, 1, false), (info.TotalPut, info.TotalTaken, info.IsCompleted));
        Assert.True(info.OldestAge > TimeSpan.Zero);
        Assert.True(info.Bytes >= 4, $"4 items are stored, and {info.Bytes} bytes");
    }

    [Fact]
    public void GetInfo_Empty_AllIsZero()
    {
        using var queue = Create<int>();

        var info = queue.GetInfo();

        Assert.Equal(new QueueInfo(queue.Name, 0, 0, 0, 0, 0, 0, 0, 0, TimeSpan.Zero, 0, 0, false) { IsDurable = IsDurable }, info);
    }

    [Fact]
    public void GetInfo_Completed_IsDrainingUntilNothingIsLeft()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2]);
        queue.Complete();
        queue.Get();
        using var lease = queue.Lease();

        var draining = queue.GetInfo();
        lease.Ack();
        var completed = queue.GetInfo();

        Assert.Equal((true, false), (draining.IsDraining, draining.IsCompleted));
        Assert.Equal((false, true), (completed.IsDraining, completed.IsCompleted));
    }

    [Fact]
    public void GetInfo_EverythingTaken_NoBytesLeft()
    {
        using var queue = Create<byte[]>();
        queue.PutMany(Enumerable.Range(0, 100).Select(i => new byte[i]));
        while (queue.TryGet(out _))
        {
        }

        Eventually.True(() => queue.GetInfo() is { Leased: 0 });
        Assert.Equal((0L, 100L, 100L), (queue.GetInfo().Bytes, queue.GetInfo().TotalPut, queue.GetInfo().TotalTaken));
    }

    [Fact]
    public async Task GetInfo_PrefetchingReader_CountsAsOneWaitingGet()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        await using var reader = queue.ReadAllAsync().GetAsyncEnumerator();

        var next = reader.MoveNextAsync().AsTask();
        Eventually.True(() => other.GetInfo().WaitingGets == 1);

        other.Put(1);
        Assert.True(await next.WaitAsync(Times.Long));
    }

    [Fact]
    public async Task GetInfoAsync_CancelledToken_Throws()
    {
        using var queue = Create<int>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.GetInfoAsync(new CancellationToken(canceled: true)));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void TryPeek_ItemThere_StaysWhereItIs()
    {
        using var queue = Create<string?>();
        using var other = Another(queue);
        Assert.False(queue.TryPeek(out _));
        queue.PutMany([null, "b"]);

        Assert.True(other.TryPeek(out var first));
        Assert.True(queue.TryPeek(out var again));

        Assert.Null(first);
        Assert.Null(again);
        Assert.Equal(2, queue.Count);
    }

    [Fact]
    public void PeekMany_SomeCameBack_ShowsTheFirstInOrderAndLeavesAll()
    {
        using var queue = Create<int>();
        Assert.Empty(queue.PeekMany(5));
        queue.PutMany([1, 2, 3, 4]);
        var (one, two) = (queue.Lease(), queue.Lease());
        two.Release();
        one.Release();

        Assert.Equal([1, 2, 3], queue.PeekMany(3));
        Assert.Equal([1, 2, 3, 4], queue.PeekMany(100));
        Assert.Equal(4, queue.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.PeekMany(0));
    }

    [Fact]
    public void Clear_ReadyAndLeased_RemovesWhatIsReadyAndSaysHowMany()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        queue.PutMany(Enumerable.Range(0, 10));
        using var lease = queue.Lease();

        var cleared = other.Clear();

        Assert.Equal(9, cleared);
        Assert.Equal(0, queue.Count);
        lease.Release();
        Assert.Equal(0, queue.Get(TimeSpan.Zero));
    }

    [Fact]
    public async Task Clear_PuttersWait_TheyGetTheRoom()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 2 });
        using var other = Another(queue);
        queue.PutMany([1, 2]);
        Task[] puts = [queue.PutAsync(3).AsTask(), queue.PutAsync(4).AsTask()];
        Eventually.True(() => other.GetInfo().WaitingPuts == 2);

        Assert.Equal(2, other.Clear());

        await Task.WhenAll(puts).WaitAsync(Times.Long);
        Assert.Equal([3, 4], queue.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void Handle_NameEndpointCapacity_SayWhereTheQueueIs()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 5 });

        using var again = IpcQueue.Open<int>(queue.Endpoint, queue.Name);
        queue.Put(1);

        Assert.True(File.Exists(queue.Endpoint) || OperatingSystem.IsWindows());
        Assert.Equal(5, again.Capacity);
        Assert.Equal(1, again.Get(TimeSpan.Zero));
    }
}

public sealed class InfoInProcess() : InfoContract(new InProcess());

public sealed class InfoOverPipe() : InfoContract(new OverPipe());
