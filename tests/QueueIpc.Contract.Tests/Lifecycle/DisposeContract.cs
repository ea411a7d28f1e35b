using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Lifecycle;

public abstract class DisposeContract(QueueSource source) : QueueContract(source)
{
    [Fact]
    public void Case42_Dispose_OneOfTwoHandles_TheOtherWorksOn()
    {
        var first = Create<int>();
        using var second = Another(first);
        first.Put(1);

        first.Dispose();

        Assert.Equal(1, second.Get(TimeSpan.Zero));
        second.Put(2);
        Assert.Equal(1, second.Count);
    }

    [Fact]
    public async Task Case42_AnyCall_AfterDispose_ObjectDisposedException()
    {
        var queue = Create<int>();
        queue.Dispose();

        Assert.Throws<ObjectDisposedException>(() => queue.Put(1));
        Assert.Throws<ObjectDisposedException>(() => queue.Get());
        Assert.Throws<ObjectDisposedException>(() => queue.TryGet(out _));
        Assert.Throws<ObjectDisposedException>(() => queue.Count);
        Assert.Throws<ObjectDisposedException>(() => queue.Complete());
        Assert.Throws<ObjectDisposedException>(() => queue.Join());
        Assert.Throws<ObjectDisposedException>(() => queue.Lease());
        Assert.Throws<ObjectDisposedException>(() => queue.PutMany([1]));
        Assert.Throws<ObjectDisposedException>(() => queue.GetConsumingEnumerable().Any());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await queue.PutAsync(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await queue.GetAsync());
        queue.Dispose();
    }

    [Fact]
    public void Case42_Dispose_GetBlockedInAnotherThread_ItEndsAtOnce()
    {
        var queue = Create<int>();
        using var other = Another(queue);
        var get = OnThread(() => queue.Get());
        UntilWaiting(other, gets: 1);
        var watch = Stopwatch.StartNew();

        queue.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Within(get));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(0, other.GetInfo().WaitingGets);
    }

    [Fact]
    public async Task Dispose_ReaderWaiting_ItEndsWithObjectDisposedException()
    {
        var queue = Create<int>();
        using var other = Another(queue);
        var read = Task.Run(async () => await queue.ReadAllAsync().CountAsync());
        UntilWaiting(other, gets: 1);

        queue.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => read.WaitAsync(Times.Long));
    }

    [Fact]
    public void Dispose_ManyRacingGets_EveryItemIsGotOrStillThere()
    {
        for (var trial = 0; trial < 200; trial++)
        {
            var queue = Create<int>();
            using var other = Another(queue);
            var gets = Enumerable.Range(0, 4).Select(_ => queue.GetAsync().AsTask()).ToArray();
            var puts = Task.Run(() => other.PutMany([1, 2, 3, 4]));

            queue.Dispose();
            Within(puts);

            var got = AllButDisposed(gets).Count;
            Eventually.True(() => other.GetInfo().Leased == 0);
            Assert.Equal(4 - got, other.GetMany(10, TimeSpan.Zero).Count);
        }
    }

    [Fact]
    public void Dispose_RacingLeasesAndOneLeaseStillOut_EveryItemIsLeasedOrStillThere()
    {
        for (var trial = 0; trial < 200; trial++)
        {
            var queue = Create<int>();
            using var other = Another(queue);
            queue.Put(0);
            using var first = queue.Lease();
            var leases = Enumerable.Range(0, 4).Select(_ => queue.LeaseAsync().AsTask()).ToArray();
            var puts = Task.Run(() => other.PutMany([1, 2, 3, 4]));

            queue.Dispose();
            Within(puts);

            var leased = AllButDisposed(leases);
            leased.ForEach(lease => lease.Ack());
            Eventually.True(() => other.GetInfo().Leased == 1);
            Assert.Equal(4 - leased.Count, other.GetMany(10, TimeSpan.Zero).Count);
        }
    }

    [Fact]
    public void Dispose_WhileAnotherHandleOfTheSameConnectionIsBusy_DoesNotCancelItsCalls()
    {
        using var queue = Create<int>();
        using var stop = new CancellationTokenSource();
        var busy = Enumerable.Range(0, 2).Select(_ => OnThread(() =>
        {
            using var mine = IpcQueue.Open<int>(queue.Endpoint, queue.Name);
            while (!stop.IsCancellationRequested)
            {
                mine.Put(1);
                Assert.True(mine.TryGet(out var _, Times.Long));
            }
        })).ToArray();
        for (var trial = 0; trial < 200; trial++)
        {
            var handle = IpcQueue.Open<int>(queue.Endpoint, queue.Name);
            var gets = OnThread(() =>
            {
                while (true)
                {
                    handle.Put(1);
                    handle.Get();
                }
            });
            Eventually.True(() => handle.IsEmpty || handle.Count > 0);

            handle.Dispose();

            Assert.Throws<ObjectDisposedException>(() => Within(gets));
        }

        stop.Cancel();
        Within(Task.WhenAll(busy));
    }

    /// <summary>What the calls brought; those that ended with their handle brought nothing.</summary>
    private static List<T> AllButDisposed<T>(Task<T>[] calls)
    {
        var results = new List<T>();
        foreach (var call in calls)
        {
            try
            {
                results.Add(Within(call));
            }
            catch (ObjectDisposedException)
            {
                // Its item is still there.
            }
        }

        return results;
    }
}

public sealed class DisposeContractInProcess() : DisposeContract(new InProcess());

public sealed class DisposeContractOverPipe() : DisposeContract(new OverPipe());
