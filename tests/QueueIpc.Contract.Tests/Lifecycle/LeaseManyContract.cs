using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Lifecycle;

public abstract class LeaseManyContract(QueueSource source) : QueueContract(source)
{
    [Fact]
    public void LeaseMany_MoreThanAsked_LeasesTheFirstInOrder()
    {
        using var queue = Create<int>();
        queue.PutMany(Enumerable.Range(1, 10));

        var leases = queue.LeaseMany(4, TimeSpan.Zero);

        Assert.Equal([1, 2, 3, 4], leases.Select(lease => lease.Item));
        Assert.Equal((6, 4), (queue.Count, queue.GetInfo().Leased));
    }

    [Fact]
    public void LeaseMany_NothingThere_IsEmptyAfterTheTimeout()
    {
        using var queue = Create<int>();

        Assert.Empty(queue.LeaseMany(4, TimeSpan.Zero));
        Assert.InRange(Run.Timed(() => Assert.Empty(queue.LeaseMany(4, Times.Short))), Times.Short, Times.Long);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.LeaseMany(0, TimeSpan.Zero));
    }

    [Fact]
    public async Task LeaseManyAsync_Cancelled_HasLeasedNothing()
    {
        using var queue = Create<int>();
        using var cancel = new CancellationTokenSource();
        var waiting = queue.LeaseManyAsync(4, Timeout.InfiniteTimeSpan, cancel.Token).AsTask();
        UntilWaiting(queue, gets: 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        queue.Put(1);
        Assert.Equal((1, 0), (queue.Count, queue.GetInfo().Leased));
    }

    [Fact]
    public void AckMany_AllLeases_TheirItemsAreGone()
    {
        using var queue = Create<int>();
        queue.PutMany(Enumerable.Range(1, 10));
        var leases = queue.LeaseMany(4, TimeSpan.Zero);

        Assert.Equal(4, queue.AckMany(leases));

        Assert.Equal((6, 0, 4L), (queue.Count, queue.GetInfo().Leased, queue.GetInfo().TotalTaken));
        Assert.Throws<LeaseLostException>(leases[0].Ack);
    }

    [Fact]
    public void AckMany_SomeSettledBefore_AcksTheOthersAndSaysHowMany()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2, 3]);
        var leases = queue.LeaseMany(3, TimeSpan.Zero);
        leases[1].Release();

        Assert.Equal(2, queue.AckMany(leases));
        Assert.Equal(0, queue.AckMany(leases));

        Assert.Equal([2], queue.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void AckMany_LeaseOfAnotherHandle_IsRefusedAndNothingChanged()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        queue.PutMany([1, 2]);
        QueueLease<int>[] leases = [queue.Lease(), other.Lease()];

        Assert.Throws<ArgumentException>(() => queue.AckMany(leases));

        Assert.Equal(2, queue.GetInfo().Leased);
        leases[0].Ack();
        leases[1].Ack();
    }

    [Fact]
    public void LeaseMany_OneCannotBeRead_EndsBeforeItAndThenThrowsForIt()
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        queue.Put("a");
        raw.Put([0xC1]);
        queue.Put("b");

        Assert.Equal(["a"], queue.LeaseMany(10, TimeSpan.Zero).Select(lease => lease.Item));
        Assert.Throws<ItemSerializationException>(() => queue.LeaseMany(10, TimeSpan.Zero));
        Assert.Equal(["b"], queue.LeaseMany(10, TimeSpan.Zero).Select(lease => lease.Item));
        Assert.Equal(1, queue.GetInfo().Dead);
    }
}

public sealed class LeaseManyContractInProcess() : LeaseManyContract(new InProcess());

public sealed class LeaseManyContractOverPipe() : LeaseManyContract(new OverPipe());
