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
