using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Protocol;

/// <summary>Limits that meet: what one side may send, the other side must be able to take.</summary>
public sealed class SmallLimitTests
{
    [Fact]
    public void GetMany_ManyTinyItemsFromABrokerOfSmallItems_IsConfirmedAndTheConnectionGoesOn()
    {
        const int Items = 20_000;
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxItemBytes = 100 });
        using var queue = broker.OpenQueue<byte[]>("tiny");
        queue.PutMany(Enumerable.Range(0, Items).Select(_ => new byte[] { 1 }));

        var got = queue.GetMany(Items, TimeSpan.Zero);

        Assert.Equal(Items, got.Count);
        Assert.Equal((0, 0), (queue.GetInfo().Ready, queue.GetInfo().Leased));
    }

    [Fact]
    public void GetMany_MoreEmptyItemsThanOneAnswerShouldHave_SomeComeNow()
    {
        const int Items = 200_000;
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<byte[]?>("empty");
        queue.PutMany(Enumerable.Repeat<byte[]?>(null, Items));

        var got = queue.GetMany(int.MaxValue, TimeSpan.Zero);

        Assert.InRange(got.Count, 10_000, 100_000);
        Assert.Equal((Items - got.Count, 0), (queue.GetInfo().Ready, queue.GetInfo().Leased));
    }

    [Fact]
    public void Lease_LeaseTimeIsForEver_DoesNotExpire()
    {
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<int>("for ever", new QueueOptions { LeaseTime = Timeout.InfiniteTimeSpan });
        queue.Put(1);

        using var lease = queue.Lease();

        Assert.False(queue.TryGet(out _, Times.Short));
        lease.Ack();
    }

    [Fact]
    public void Extend_LessThanTheLeaseHasLeft_DoesNotShortenIt()
    {
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<int>("long");
        queue.Put(1);
        using var lease = queue.Lease();

        lease.Extend(TimeSpan.FromMilliseconds(1));

        Assert.False(queue.TryGet(out _, Times.Short));
        lease.Ack();
    }
}
