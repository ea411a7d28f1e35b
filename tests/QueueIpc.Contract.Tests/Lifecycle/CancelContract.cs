using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Lifecycle;

public abstract class CancelContract(QueueSource source) : QueueContract(source)
{
    private const int RaceTrials = 1000;

    [Fact]
    public void Case32_Cancel_BlockedGet_ThrowsAtOnceAndTheQueueWorksOn()
    {
        using var queue = Create<int>();
        Timing.Takes(TimeSpan.Zero, () =>
        {
            using var cancel = new CancellationTokenSource();
            var get = OnThread(() => queue.Get(cancel.Token));
            UntilWaiting(queue, gets: 1);
            var watch = Stopwatch.StartNew();

            cancel.Cancel();
            var error = Assert.Throws<OperationCanceledException>(() => Within(get));

            var took = watch.Elapsed;
            Assert.Equal(cancel.Token, error.CancellationToken);
            Assert.Equal(0, queue.Count);
            queue.Put(7);
            Assert.Equal(7, queue.Get(TimeSpan.Zero));
            return took;
        });
    }

    [Fact]
    public async Task Case32_Cancel_PendingGetAsync_ThrowsWithTheToken()
    {
        using var queue = Create<int>();
        using var cancel = new CancellationTokenSource();
        var get = queue.GetAsync(cancel.Token).AsTask();
        UntilWaiting(queue, gets: 1);

        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get.WaitAsync(Times.Long));

        Assert.Equal(cancel.Token, error.CancellationToken);
        Assert.Equal(0, queue.GetInfo().WaitingGets);
    }

    [Fact]
    public async Task Cancel_EveryCallThatWaits_ThrowsWithTheTokenAndTheQueueWorksOn()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var full = Create<int>(new QueueOptions { Capacity = 1 });
        full.Put(1);
        using var cancel = new CancellationTokenSource();
        var ct = cancel.Token;
        Task[] calls =
        [
            OnThread(() => queue.Lease(ct)),
            OnThread(() => queue.TryLease(out _, Timeout.InfiniteTimeSpan, ct)),
            OnThread(() => queue.GetMany(1, Timeout.InfiniteTimeSpan, ct)),
            OnThread(() => queue.LeaseMany(1, Timeout.InfiniteTimeSpan, ct)),
            queue.LeaseAsync(Timeout.InfiniteTimeSpan, ct).AsTask(),
            queue.TryLeaseAsync(Timeout.InfiniteTimeSpan, ct).AsTask(),
            OnThread(() => full.Join(ct)),
            OnThread(() => full.Join(Timeout.InfiniteTimeSpan, ct)),
            full.JoinAsync(Timeout.InfiniteTimeSpan, ct),
            OnThread(() => full.PutMany([2], ct)),
            OnThread(() => full.PutMany([2], Timeout.InfiniteTimeSpan, ct)),
            full.PutManyAsync([2], Timeout.InfiniteTimeSpan, ct),
        ];
        UntilWaiting(queue, gets: 6);
        Eventually.True(() => full.GetInfo().WaitingPuts == 3);

        await cancel.CancelAsync();

        foreach (var call in calls)
        {
            Assert.Equal(ct, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Times.Long))).CancellationToken);
        }

        Assert.Equal([1], full.GetMany(10, TimeSpan.Zero));
        queue.Put(7);
        Assert.Equal(7, queue.Get(TimeSpan.Zero));
        Assert.Throws<OperationCanceledException>(() => queue.PutMany([1], ct));
        Assert.Throws<OperationCanceledException>(() => queue.Join(ct));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Case33_Cancel_RacingTwoPuts_BothAreGotOnceAndInOrder()
    {
        using var queue = Create<int>();
        using var putter = Another(queue);
        for (var trial = 0; trial < RaceTrials; trial++)
        {
            using var cancel = new CancellationTokenSource();
            var get = queue.TryGetAsync(Timeout.InfiniteTimeSpan, cancel.Token).AsTask();
            var puts = Task.Run(() =>
            {
                putter.Put(1);
                putter.Put(2);
            });
            cancel.Cancel();
            var got = new List<int>();
            try
            {
                got.Add(Within(get).Item);
            }
            catch (OperationCanceledException)
            {
                // Then the item is still there.
            }

            Within(puts);
            while (queue.TryGet(out var item))
            {
                got.Add(item);
            }

            Assert.Equal([1, 2], got);
        }
    }

    [Fact]
    public void Case34_Cancel_FirstOfTwoGetters_SecondGetsTheItem()
    {
        using var queue = Create<string>();
        using var cancel = new CancellationTokenSource();
        var first = queue.GetAsync(cancel.Token).AsTask();
        UntilWaiting(queue, gets: 1);
        var second = queue.GetAsync().AsTask();
        UntilWaiting(queue, gets: 2);

        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Within(first));
        queue.Put("a");

        Assert.Equal("a", Within(second));
    }

    [Fact]
    public void Case34_Cancel_WaitingPut_ItsItemNeverAppears()
    {
        using var queue = Create<string>(new QueueOptions { Capacity = 1 });
        using var cancel = new CancellationTokenSource();
        queue.Put("A");
        var b = queue.PutAsync("B").AsTask();
        UntilWaiting(queue, puts: 1);
        var x = queue.PutAsync("X", cancel.Token).AsTask();
        UntilWaiting(queue, puts: 2);

        cancel.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Within(x));

        Assert.Equal("A", queue.Get());
        Within(b);
        Assert.Equal("B", queue.Get());
        Assert.False(queue.TryGet(out _));
    }

    [Fact]
    public async Task Case35_TimeoutsAndCancels_TenThousandGets_NothingIsLeftBehind()
    {
        using var queue = Create<int>();
        await Round(500);
        var (threads, handles) = Resources();

        await Round(10_000);

        Assert.Equal(0, queue.GetInfo().WaitingGets);
        Eventually.True(() => Resources() is var now && now.Threads <= threads + 4 && now.Handles <= handles + 4);

        async Task Round(int count)
        {
            for (var i = 0; i < count; i += 100)
            {
                using var cancel = new CancellationTokenSource();
                var gets = Enumerable.Range(0, 100).Select(n => n % 2 == 0
                    ? queue.TryGetAsync(TimeSpan.FromMilliseconds(1)).AsTask()
                    : queue.TryGetAsync(Timeout.InfiniteTimeSpan, cancel.Token).AsTask()).ToArray();
                await cancel.CancelAsync();
                foreach (var (get, n) in gets.Select((get, n) => (get, n)))
                {
                    if (n % 2 == 0)
                    {
                        Assert.False((await get).Success);
                    }
                    else
                    {
                        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
                    }
                }
            }
        }

        static (int Threads, int Handles) Resources()
        {
            using var self = Process.GetCurrentProcess();
            var handles = OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : self.HandleCount;
            return (self.Threads.Count, handles);
        }
    }

    [Fact]
    public async Task Case36_Cancel_BeforeTheStart_NothingIsTakenOrPut()
    {
        using var queue = Create<int>();
        queue.Put(1);
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => queue.Get(cancelled));
        Assert.Throws<OperationCanceledException>(() => queue.Put(2, cancelled));
        Assert.Throws<OperationCanceledException>(() => queue.TryPut(2, TimeSpan.Zero, cancelled));
        Assert.Throws<OperationCanceledException>(() => queue.TryGet(out _, TimeSpan.Zero, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.GetAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await queue.PutAsync(2, cancelled));

        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void Case36_GetAsync_AThousandAtOnce_AHandfulOfThreads()
    {
        using var queue = Create<int>();
        using var putter = Another(queue);
        using var self = Process.GetCurrentProcess();
        var before = self.Threads.Count;

        var gets = Enumerable.Range(0, 1000).Select(_ => queue.GetAsync().AsTask()).ToArray();
        UntilWaiting(putter, gets: 1000);
        self.Refresh();

        Assert.InRange(self.Threads.Count - before, int.MinValue, 8);
        putter.PutMany(Enumerable.Range(0, 1000));
        Assert.Equal(Enumerable.Range(0, 1000), Within(Task.WhenAll(gets)));
    }
}

public sealed class CancelContractInProcess() : CancelContract(new InProcess());

public sealed class CancelContractOverPipe() : CancelContract(new OverPipe());
