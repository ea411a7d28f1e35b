using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Reading;

/// <summary>Prefetching readers: how they end, and what becomes of the items they had ahead.</summary>
public abstract class ReadAllContract(QueueSource source) : QueueContract(source)
{
    private const int Many = 5000;

    public static TheoryData<int> Stops => [1, 2, 63, 1000, Many - 1];

    [Theory]
    [MemberData(nameof(Stops))]
    public async Task Case48_ReadAllAsync_StoppedInTheMiddle_NextReaderGoesOnInOrder(int stopAfter)
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        queue.PutMany(Enumerable.Range(0, Many));
        var got = new List<int>();

        await foreach (var item in queue.ReadAllAsync())
        {
            got.Add(item);
            if (got.Count == stopAfter)
            {
                break;
            }
        }

        queue.Complete();
        await foreach (var item in other.ReadAllAsync())
        {
            got.Add(item);
        }

        Assert.Equal(Enumerable.Range(0, Many), got);
    }

    [Theory]
    [MemberData(nameof(Stops))]
    public void Case48_GetConsumingEnumerable_StoppedInTheMiddle_NextGetsGoOnInOrder(int stopAfter)
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        queue.PutMany(Enumerable.Range(0, Many));

        var got = queue.GetConsumingEnumerable().Take(stopAfter).ToList();
        Assert.Equal(Many - stopAfter, other.Count);
        while (got.Count < Many)
        {
            got.Add(other.Get(Times.Long));
        }

        Assert.Equal(Enumerable.Range(0, Many), got);
        Eventually.True(() => queue.GetInfo() is { Ready: 0, Leased: 0, TotalTaken: Many });
    }

    [Fact]
    public async Task Case48_ReadAllAsync_ManyReadersOneAfterTheOther_KeepOrder()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        queue.PutMany(Enumerable.Range(0, Many));
        var got = new List<int>();

        while (got.Count < Many)
        {
            var stopAt = Math.Min(Many, got.Count + random.Next(1, 200));
            await foreach (var item in (random.Next(2) == 0 ? queue : other).ReadAllAsync())
            {
                got.Add(item);
                if (got.Count == stopAt)
                {
                    break;
                }
            }
        }

        Assert.True(Enumerable.Range(0, Many).SequenceEqual(got), $"seed {seed}: order was not kept");
        Eventually.True(() => queue.GetInfo() is { Ready: 0, Leased: 0, TotalTaken: Many });
    }

    [Fact]
    public async Task Case48_ReadAllAsync_ItsHandleDisposedInTheMiddle_NothingIsLostOrDoubled()
    {
        using var queue = Create<int>();
        var reading = Another(queue);
        queue.PutMany(Enumerable.Range(0, Many));
        var got = new List<int>();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await foreach (var item in reading.ReadAllAsync())
            {
                got.Add(item);
                if (got.Count == 100)
                {
                    reading.Dispose();
                }
            }
        });

        while (queue.TryGet(out var item))
        {
            got.Add(item);
        }

        Assert.Equal(Enumerable.Range(0, Many), got);
    }

    [Fact]
    public async Task ReadAllAsync_ItemBeingWorkedOn_IsTheOnlyOneThatDoesNotComeBack()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        queue.PutMany(Enumerable.Range(0, 10));

        await foreach (var item in queue.ReadAllAsync())
        {
            // A consumer that is busy for long keeps nothing from the others.
            Assert.Equal(0, item);
            var rest = Enumerable.Range(0, 9).Select(_ => other.Get(Times.Long));
            Assert.Equal(Enumerable.Range(1, 9), rest);
            break;
        }

        Eventually.True(() => queue.GetInfo() is { Ready: 0, Leased: 0, TotalTaken: 10 });
    }

    /// <summary>Few quick items, and then a long one: what was read ahead behind it is for who has time.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Case73_ReaderStandsStill_SomebodyWaits_GetsWhatWasReadAhead(bool leases)
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        using var isBusy = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        queue.PutMany(Enumerable.Range(0, 200));
        var handedOver = new List<int>();
        var reading = Run.OnThread(() => leases ? ReadLeasesAsync() : ReadAsync()).Unwrap();
        Assert.True(isBusy.Wait(Times.Long));

        var rest = Enumerable.Range(0, 100).Select(_ => other.Get(Times.Long)).ToList();

        Assert.Equal(Enumerable.Range(100, 100), rest.Order());
        goOn.Set();
        queue.Complete();
        await reading.WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 100), handedOver);
        Eventually.True(() => queue.GetInfo() is { Ready: 0, Leased: 0, TotalTaken: 200 });

        async Task ReadAsync()
        {
            await foreach (var item in queue.ReadAllAsync())
            {
                Handle(item);
            }
        }

        async Task ReadLeasesAsync()
        {
            await foreach (var lease in queue.LeaseAllAsync())
            {
                Handle(lease.Item);
                lease.Ack();
            }
        }

        void Handle(int item)
        {
            handedOver.Add(item);
            if (item == 99)
            {
                isBusy.Set();
                goOn.Wait();
            }
        }
    }

    /// <summary>Two readers that stand still in turn, and one that takes what they give back: each item is somebody's, once.</summary>
    [Fact]
    public async Task Case73_ReadersStandStillInTurn_EachItemIsHandedOverOnce()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var handedOver = new System.Collections.Concurrent.ConcurrentBag<int>();
        var readers = new[] { queue, other, queue, other }.Select(from => OnThread(() =>
        {
            foreach (var item in from.GetConsumingEnumerable())
            {
                handedOver.Add(item);
                if (item % 97 == 0)
                {
                    // Long enough for what is behind it to be asked back.
                    Spin.For(TimeSpan.FromMilliseconds(12));
                }
            }
        })).ToArray();

        for (var i = 0; i < Many; i += 50)
        {
            queue.PutMany(Enumerable.Range(i, 50));
        }

        queue.Complete();
        await Task.WhenAll(readers).WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, Many), handedOver.Order());
    }

    [Fact]
    public async Task ReadAllAsync_QueueCompleted_EndsWhenAllIsRead()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var reading = Run.OnThread(() => ReadAllAsync(queue)).Unwrap();
        other.PutMany(Enumerable.Range(0, Many));

        other.Complete();

        Assert.Equal(Enumerable.Range(0, Many), await reading.WaitAsync(Times.Long));
        Assert.True(other.IsCompleted);
        Assert.Empty(await ReadAllAsync(queue).WaitAsync(Times.Long));
        Assert.Empty(queue.GetConsumingEnumerable());
    }

    [Fact]
    public async Task GetConsumingEnumerable_QueueCompleted_EndsWhenAllIsRead()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var reading = Run.OnThread(() => queue.GetConsumingEnumerable().ToList());
        Eventually.True(() => other.GetInfo().WaitingGets == 1);
        other.PutMany(Enumerable.Range(0, Many));

        other.Complete();

        Assert.Equal(Enumerable.Range(0, Many), await reading.WaitAsync(Times.Long));
    }

    [Fact]
    public async Task ReadAllAsync_Poison_ThrowsItAndTheNextReaderGoesOnBehindIt()
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        queue.PutMany(["a", "b"]);
        raw.Put([0xC1, 2, 3]);
        queue.PutMany(["d", "e"]);
        queue.Complete();
        var got = new List<string>();

        var thrown = await Assert.ThrowsAsync<ItemSerializationException>(async () =>
        {
            await foreach (var item in queue.ReadAllAsync())
            {
                got.Add(item);
            }
        });
        got.AddRange(await ReadAllAsync(queue).WaitAsync(Times.Long));

        Assert.Equal([0xC1, 2, 3], thrown.RawBytes.ToArray());
        Assert.Equal(["a", "b", "d", "e"], got);
        var dead = Assert.Single(queue.GetDeadItems(10));
        Assert.Equal([0xC1, 2, 3], dead.Bytes.ToArray());
    }

    [Fact]
    public void GetConsumingEnumerable_Poison_ThrowsItAndTheNextReaderGoesOnBehindIt()
    {
        using var queue = Create<string>();
        using var raw = Another<string, byte[]>(queue);
        raw.Put([0xC1]);
        queue.PutMany(["b"]);
        queue.Complete();

        var thrown = Assert.Throws<ItemSerializationException>(() => queue.GetConsumingEnumerable().ToList());

        Assert.Equal([0xC1], thrown.RawBytes.ToArray());
        Assert.Equal(["b"], queue.GetConsumingEnumerable());
        Assert.Equal(1, queue.GetInfo().Dead);
    }

    [Fact]
    public async Task ReadAllAsync_CancelledWhileWaiting_ThrowsAndNothingIsLost()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        using var cancel = new CancellationTokenSource();
        var reading = Run.OnThread(() => ReadAllAsync(queue, cancel.Token)).Unwrap();
        Eventually.True(() => other.GetInfo().WaitingGets == 1);

        await cancel.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Times.Long));

        Assert.Equal(cancel.Token, thrown.CancellationToken);
        other.Put(1);
        Assert.Equal(1, other.Get(Times.Long));
        Assert.Equal(0, other.GetInfo().WaitingGets);
    }

    [Fact]
    public async Task GetConsumingEnumerable_CancelledWhileWaiting_ThrowsAndNothingIsLost()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        using var cancel = new CancellationTokenSource();
        var reading = Run.OnThread(() => queue.GetConsumingEnumerable(cancel.Token).ToList());
        Eventually.True(() => other.GetInfo().WaitingGets == 1);

        await cancel.CancelAsync();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Times.Long));

        Assert.Equal(cancel.Token, thrown.CancellationToken);
        other.Put(1);
        Assert.Equal(1, other.Get(Times.Long));
    }

    [Fact]
    public async Task ReadAllAsync_CancelledBetweenItems_TheRestIsForOthers()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        using var cancel = new CancellationTokenSource();
        queue.PutMany(Enumerable.Range(0, Many));
        var got = new List<int>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in queue.ReadAllAsync(cancel.Token))
            {
                got.Add(item);
                if (got.Count == 100)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        while (other.TryGet(out var item))
        {
            got.Add(item);
        }

        Assert.Equal(Enumerable.Range(0, Many), got);
    }

    [Fact]
    public async Task ReadAllAsync_CancelledAtTheStart_ThrowsAndTakesNothing()
    {
        using var queue = Create<int>();
        queue.Put(1);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAllAsync(queue, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => queue.GetConsumingEnumerable(cancelled).First());

        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public async Task ReadAllAsync_SeveralReadersAtOnce_ShareTheItems()
    {
        using var queue = Create<int>();
        Task<List<int>>[] readers =
        [
            .. Enumerable.Range(0, 4).Select(_ => Another(queue)).Select(handle => Run.OnThread(() => ReadAllAsync(handle)).Unwrap()),
            .. Enumerable.Range(0, 4).Select(_ => Run.OnThread(() => queue.GetConsumingEnumerable().ToList())),
        ];
        Eventually.True(() => queue.GetInfo().WaitingGets == 8);
        queue.PutMany(Enumerable.Range(0, 4 * Many));
        queue.Complete();

        var shares = await Task.WhenAll(readers).WaitAsync(Times.Long);

        Assert.Equal(Enumerable.Range(0, 4 * Many), shares.SelectMany(share => share).Order());
    }

    [Fact]
    public async Task ReadAllAsync_LargeItems_AllArrive()
    {
        using var queue = Create<byte[]>();
        var put = Run.OnThread(() =>
        {
            for (var i = 0; i < 40; i++)
            {
                queue.Put([.. BitConverter.GetBytes(i), .. new byte[1024 * 1024]]);
            }

            queue.Complete();
        });

        var got = new List<int>();
        await foreach (var item in queue.ReadAllAsync())
        {
            got.Add(BitConverter.ToInt32(item));
        }

        await put.WaitAsync(Times.Long);
        Assert.Equal(Enumerable.Range(0, 40), got);
    }

    private static async Task<List<T>> ReadAllAsync<T>(IpcQueue<T> queue, CancellationToken ct = default)
    {
        var items = new List<T>();
        await foreach (var item in queue.ReadAllAsync(ct))
        {
            items.Add(item);
        }

        return items;
    }
}

public sealed class ReadAllInProcess() : ReadAllContract(new InProcess());

public sealed class ReadAllOverPipe() : ReadAllContract(new OverPipe());
