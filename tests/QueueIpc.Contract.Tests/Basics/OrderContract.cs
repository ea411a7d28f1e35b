using System.Collections.Concurrent;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Basics;

/// <summary>Many callers at once: who is served when, and that nothing is lost or doubled.</summary>
public abstract class OrderContract(QueueSource source) : QueueContract(source)
{
    private const int Waiters = 20;

    [Fact]
    public async Task Case12_FiftyProducersFiftyConsumers_MixedCalls_MultisetsAreEqual()
    {
        const int each = 200;
        using var queue = Create<int>();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var left = 50 * each;
        var got = new ConcurrentBag<int>();
        var producers = Enumerable.Range(0, 50).Select(p => (p, handle: Another(queue))).Select(producer => Run.OnThread(() =>
        {
            using (producer.handle)
            {
                for (var i = 0; i < each; i++)
                {
                    producer.handle.Put((producer.p * each) + i);
                }
            }
        })).ToArray();
        var consumers = Enumerable.Range(0, 50).Select(c => (c, handle: Another(queue))).Select(consumer => Run.OnThread(() =>
        {
            using (consumer.handle)
            {
                Consume(consumer.handle, new Random(seed + consumer.c));
            }
        })).ToArray();

        await Task.WhenAll([.. producers, .. consumers]).WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 50 * each), got.Order());
        Assert.Equal(0, queue.Count);

        // A turn is taken before a get that waits, so that nobody waits for an item that never comes.
        void Consume(IpcQueue<int> handle, Random random)
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                int item;
                switch (random.Next(3))
                {
                    case 0:
                        item = handle.Get();
                        break;
                    case 1:
                        while (!handle.TryGet(out item))
                        {
                            Thread.Yield();
                        }

                        break;
                    default:
                        while (!handle.TryGet(out item, TimeSpan.FromMilliseconds(1)))
                        {
                        }

                        break;
                }

                got.Add(item);
            }
        }
    }

    [Fact]
    public async Task Case14_Get_ManyBlocked_ServedInTheOrderTheyCame()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var getters = new Task<int>[Waiters];
        for (var i = 0; i < Waiters; i++)
        {
            var handle = i % 2 == 0 ? queue : other;
            getters[i] = i % 4 < 2 ? Run.OnThread(() => handle.Get()) : handle.GetAsync().AsTask();
            Eventually.True(() => queue.GetInfo().WaitingGets == i + 1);
        }

        for (var i = 0; i < Waiters; i++)
        {
            queue.Put(i);
        }

        Assert.Equal(Enumerable.Range(0, Waiters), await Task.WhenAll(getters).WaitAsync(Times.Long));
    }

    [Fact]
    public async Task Case14_Put_ManyBlocked_ServedInTheOrderTheyCame()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 1 });
        using var other = Another(queue);
        queue.Put(0);
        var putters = new Task[Waiters];
        for (var i = 0; i < Waiters; i++)
        {
            var handle = i % 2 == 0 ? queue : other;
            var item = i + 1;
            putters[i] = i % 4 < 2 ? Run.OnThread(() => handle.Put(item)) : handle.PutAsync(item).AsTask();
            Eventually.True(() => queue.GetInfo().WaitingPuts == i + 1);
        }

        var got = Enumerable.Range(0, Waiters + 1).Select(_ => queue.Get(Times.Long)).ToArray();

        Assert.Equal(Enumerable.Range(0, Waiters + 1), got);
        await Task.WhenAll(putters).WaitAsync(Times.Long);
    }

    [Fact]
    public async Task Case14_TryPut_OthersWaitForRoom_DoesNotOvertakeThem()
    {
        using var queue = Create<string>(new QueueOptions { Capacity = 1 });
        queue.Put("first");
        var blocked = queue.PutAsync("second");
        Eventually.True(() => queue.GetInfo().WaitingPuts == 1);

        Assert.False(queue.TryPut("third"));

        Assert.Equal(["first", "second"], [queue.Get(Times.Long), queue.Get(Times.Long)]);
        await blocked.AsTask().WaitAsync(Times.Long);
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public async Task Case15_PutAsync_AThousandInFlight_ArriveInCallOrder()
    {
        using var queue = Create<int>();
        using var other = Another(queue);

        var puts = Enumerable.Range(0, 1000).Select(i => queue.PutAsync(i).AsTask()).ToArray();
        await Task.WhenAll(puts).WaitAsync(Times.Long);

        Assert.Equal(Enumerable.Range(0, 1000), other.GetMany(1000, TimeSpan.Zero));
    }

    [Fact]
    public async Task Case15_PutAsync_AThousandInFlightIntoCapacityTen_ArriveInCallOrder()
    {
        using var queue = Create<int>(new QueueOptions { Capacity = 10 });
        using var other = Another(queue);

        var puts = Enumerable.Range(0, 1000).Select(i => queue.PutAsync(i).AsTask()).ToArray();
        var got = new List<int>();
        while (got.Count < 1000)
        {
            got.Add(await other.GetAsync(Times.Long));
        }

        await Task.WhenAll(puts).WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 1000), got);
    }

    [Fact]
    public async Task GetAsync_AThousandInFlight_AreServedInCallOrder()
    {
        using var queue = Create<int>();
        using var other = Another(queue);

        var gets = Enumerable.Range(0, 1000).Select(_ => queue.GetAsync().AsTask()).ToArray();
        Eventually.True(() => other.GetInfo().WaitingGets == 1000);
        other.PutMany(Enumerable.Range(0, 1000));

        Assert.Equal(Enumerable.Range(0, 1000), await Task.WhenAll(gets).WaitAsync(Times.Long));
    }
}

public sealed class OrderInProcess() : OrderContract(new InProcess());

public sealed class OrderOverPipe() : OrderContract(new OverPipe());
