using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Lifecycle;

public abstract class LeaseContract(QueueSource source) : QueueContract(source)
{
    [Fact]
    public void Case43_Ack_Twice_LeaseLostAndNothingChanged()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2]);
        var lease = queue.Lease();
        lease.Ack();

        var error = Assert.Throws<LeaseLostException>(lease.Ack);

        Assert.Contains(queue.Name, error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1L), (queue.Count, queue.GetInfo().Leased, queue.GetInfo().TotalTaken));
    }

    [Fact]
    public void Case43_Verdicts_AfterTheLeaseWasLost_AllThrowAndChangeNothing()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        queue.Put(1);
        queue.Put(2);
        var lease = queue.Lease();
        var nacked = queue.Lease();
        nacked.Nack();
        lease.Release();

        Assert.Throws<LeaseLostException>(() => lease.Ack());
        Assert.Throws<LeaseLostException>(() => lease.Nack());
        Assert.Throws<LeaseLostException>(() => lease.Release());
        Assert.Throws<LeaseLostException>(() => lease.Extend(TimeSpan.FromSeconds(1)));
        Assert.Throws<LeaseLostException>(() => lease.DeadLetter("no"));
        lease.Dispose();

        Assert.Equal([1, 2], other.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void Case43_Join_EmptyQueue_ReturnsAtOnce()
    {
        using var queue = Create<int>();

        queue.Join();
        Assert.True(queue.Join(TimeSpan.Zero));
    }

    [Fact]
    public async Task Case43_Join_ItemTakenOrLeaseAcked_EndsThen()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2]);
        var join = queue.JoinAsync();
        queue.Get();
        using var lease = queue.Lease();
        Assert.False(join.IsCompleted);

        await lease.AckAsync();

        await join.WaitAsync(Times.Long);
    }

    [Fact]
    public void Nack_OnceAndAgain_FailuresAreCountedAndAtLastItIsDead()
    {
        using var queue = Create<string>(new QueueOptions { MaxFailures = 3 });
        queue.Put("bad");
        for (var failures = 0; failures < 3; failures++)
        {
            using var lease = queue.Lease(TimeSpan.Zero);
            Assert.Equal(failures, lease.Failures);
            lease.Nack();
        }

        Assert.False(queue.TryGet(out _));
        Assert.True(queue.Join(TimeSpan.Zero));
        var dead = Assert.Single(queue.GetDeadItems(10));
        Assert.Equal(3, dead.Failures);
        Assert.Equal(1, queue.Redrive());
        using var again = queue.Lease(TimeSpan.Zero);
        Assert.Equal(("bad", 0), (again.Item, again.Failures));
    }

    [Fact]
    public void Nack_WithDelay_ItemStaysAwayAndComesBackToItsPlace()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2, 3]);
        var (first, second) = (queue.Lease(), queue.Lease());
        first.Nack(TimeSpan.FromMilliseconds(1));
        second.Nack(TimeSpan.FromDays(1));

        Eventually.True(() => queue.GetInfo() is { Ready: 2, Delayed: 1 });

        Assert.Equal([1, 3], queue.GetMany(3, TimeSpan.Zero));
    }

    [Fact]
    public void Dispose_WithoutVerdict_IsANack()
    {
        using var queue = Create<int>();
        queue.Put(1);

        queue.Lease().Dispose();

        using var lease = queue.Lease(Times.Long);
        Assert.Equal(1, lease.Failures);
    }

    [Fact]
    public async Task Verdicts_WithoutAThread_DoTheSame()
    {
        using var queue = Create<int>();
        queue.PutMany([1, 2, 3, 4]);
        await (await queue.LeaseAsync()).AckAsync();
        await (await queue.LeaseAsync()).DeadLetterAsync("hopeless");
        var third = await queue.LeaseAsync();
        await third.ExtendAsync(TimeSpan.FromMinutes(1));
        await third.ReleaseAsync();
        await (await queue.LeaseAsync()).NackAsync();

        Assert.Equal("hopeless", Assert.Single(queue.GetDeadItems(5)).Reason);
        using var last = await queue.LeaseAsync();
        Assert.Equal((3, 1), (last.Item, last.Failures));
        Assert.Equal(4, queue.Get());
        Assert.Equal(1, queue.DeleteDeadItems());
        Assert.Empty(queue.GetDeadItems(5));
    }

    [Fact]
    public void Lease_HeldLongerThanItsTime_ExtendsItselfWhileTheObjectLives()
    {
        // On a machine that stands still for a tenth of a second any lease may end. But without being extended none would ever outlive its time, let alone so often.
        using var queue = Create<int>(new QueueOptions { LeaseTime = TimeSpan.FromMilliseconds(100), MaxFailures = 0 });
        using var other = Another(queue);
        queue.Put(1);

        Eventually.True(() =>
        {
            using var lease = queue.Lease();
            using var lost = other.TryLease(out var again, TimeSpan.FromMilliseconds(500)) ? again : null;
            return lost is null;
        });
    }

    [Fact]
    public void Lease_Forgotten_ComesBackAsAFailure()
    {
        using var queue = Create<int>(new QueueOptions { LeaseTime = TimeSpan.FromMilliseconds(100) });
        queue.Put(1);
        Forget(queue);
        Eventually.True(() =>
        {
            GC.Collect();
            return queue.Count == 1;
        });

        using var lease = queue.Lease();
        Assert.Equal(1, lease.Failures);
    }

    [Fact]
    public void Lease_OfAHandleThatIsDisposed_StaysGood()
    {
        var queue = Create<int>();
        using var other = Another(queue);
        queue.Put(1);
        var lease = queue.Lease();

        queue.Dispose();

        Assert.Equal(1, other.GetInfo().Leased);
        lease.Ack();
        Assert.True(other.Join(TimeSpan.Zero));
    }

    [Fact]
    public async Task LeaseAllAsync_AckEach_AllAreDoneAndItEndsWithTheQueue()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        other.PutMany(Enumerable.Range(0, 10_000));
        other.Complete();
        var seen = new List<int>();

        await foreach (var lease in queue.LeaseAllAsync())
        {
            seen.Add(lease.Item);
            lease.Ack();
        }

        Assert.Equal(Enumerable.Range(0, 10_000), seen);
        Assert.True(other.IsCompleted);
    }

    /// <summary>Acks go along later; a reader that waits meanwhile is still one that wants the next item.</summary>
    [Fact]
    public async Task LeaseAllAsync_AckedWhileTheReaderWaits_TheNextItemComes()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        await using var leases = queue.LeaseAllAsync().GetAsyncEnumerator(CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            other.Put(i);
            Assert.True(await leases.MoveNextAsync().AsTask().WaitAsync(Times.Long));
            var lease = leases.Current;
            var next = leases.MoveNextAsync().AsTask();
            lease.Ack();
            Eventually.True(() => other.GetInfo() is { Leased: 0, Ready: 0 });

            other.Put(-i);

            Assert.True(await next.WaitAsync(Times.Long));
            Assert.Equal(-i, leases.Current.Item);
            leases.Current.Ack();
        }
    }

    [Fact]
    public async Task LeaseAllAsync_StoppedInTheMiddle_TheRestGoesBackWithoutFailures()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        other.PutMany(Enumerable.Range(0, 1000));
        var done = 0;
        await foreach (var lease in queue.LeaseAllAsync())
        {
            lease.Ack();
            if (++done == 500)
            {
                break;
            }
        }

        Eventually.True(() => other.GetInfo().Leased == 0);
        using var next = other.Lease();
        Assert.Equal((500, 0), (next.Item, next.Failures));
        Assert.Equal(499, other.Count);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(IpcQueue<int> queue) => Assert.Equal(1, queue.Lease().Item);
}

public sealed class LeaseContractInProcess() : LeaseContract(new InProcess());

public sealed class LeaseContractOverPipe() : LeaseContract(new OverPipe());
