using System.Runtime.CompilerServices;
using System.Threading.Channels;
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
    public async Task PutManyAsync_CompletedWhileTheSourceIsWaitedFor_EndsAtOnce()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var other = Another(queue);
        var source = Channel.CreateUnbounded<int>();
        source.Writer.TryWrite(1);
        source.Writer.TryWrite(2);
        var put = queue.PutManyAsync(source.Reader.ReadAllAsync());
        UntilWaiting(other, puts: 1);

        other.Complete();

        await Assert.ThrowsAsync<QueueCompletedException>(() => put.WaitAsync(Times.Long));
        Assert.Equal([1], other.GetConsumingEnumerable());
    }

    [Fact]
    public async Task PutManyAsync_SourceThatCannotBeCalledOff_IsAskedForNoMoreAndDisposedWhenItCan()
    {
        using var queue = Create<int>();
        queue.Complete();
        var last = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = 0;

        var put = queue.PutManyAsync(Source());

        await Assert.ThrowsAsync<QueueCompletedException>(() => put.WaitAsync(Times.Long));
        Assert.Equal(1, ended);

        async IAsyncEnumerable<int> Source([EnumeratorCancellation] CancellationToken ct = default)
        {
            // It goes on until it has its next item, which comes when it has been called off.
            using var calledOff = ct.Register(() => last.SetResult(2));
            try
            {
                yield return 1;
                yield return await last.Task;
                Assert.Fail("another item was taken after a batch had failed");
            }
            finally
            {
                ended++;
            }
        }
    }

    [Fact]
    public async Task PutManyAsync_CancelledWhileTheSourceIsWaitedFor_WhatCameIsPut()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        using var cancel = new CancellationTokenSource();
        var source = Channel.CreateUnbounded<int>();
        source.Writer.TryWrite(1);
        var put = queue.PutManyAsync(source.Reader.ReadAllAsync(), cancel.Token);
        Assert.Equal(1, await other.GetAsync(Times.Long));

        await cancel.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put.WaitAsync(Times.Long));
        Assert.Equal(cancel.Token, e.CancellationToken);
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
