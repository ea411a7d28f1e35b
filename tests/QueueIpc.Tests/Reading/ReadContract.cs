using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Reading;

public abstract class ReadContract(QueueSource source) : QueueContract(source)
{
    private const int N = 10_000;

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(9_999)]
    public async Task Case48_ReadAllAsync_StoppedInTheMiddle_TheNextReaderGoesOnRightThere(int stopAfter)
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        other.PutMany(Enumerable.Range(0, N));
        other.Complete();

        var first = await queue.ReadAllAsync().Take(stopAfter).ToListAsync();
        Eventually.True(() => other.GetInfo().Leased == 0);
        var second = await other.ReadAllAsync().ToListAsync();

        Assert.Equal(Enumerable.Range(0, stopAfter), first);
        Assert.Equal(Enumerable.Range(stopAfter, N - stopAfter), second);
    }

    [Fact]
    public void Case48_GetConsumingEnumerable_StoppedAgainAndAgain_LosesNothingAndKeepsOrder()
    {
        using var queue = Create<int>();
        queue.PutMany(Enumerable.Range(0, N));
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var got = new List<int>();

        while (got.Count < N)
        {
            got.AddRange(queue.GetConsumingEnumerable().Take(Math.Min(random.Next(1, 500), N - got.Count)));
            Eventually.True(() => queue.GetInfo().Leased == 0);
        }

        Assert.Equal(Enumerable.Range(0, N), got);
        Assert.Equal(N, queue.GetInfo().TotalTaken);
    }

    [Fact]
    public async Task ReadAllAsync_CancelledWhileWaiting_ThrowsWithTheTokenAndTakesNothing()
    {
        using var queue = Create<int>();
        using var cancel = new CancellationTokenSource();
        var read = Task.Run(async () => await queue.ReadAllAsync(cancel.Token).CountAsync());
        UntilWaiting(queue, gets: 1);

        await cancel.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Times.Long));
        Assert.Equal(cancel.Token, error.CancellationToken);
        Eventually.True(() => queue.GetInfo().WaitingGets == 0);
        queue.Put(1);
        Assert.Equal(1, queue.Get(TimeSpan.Zero));
    }

    [Fact]
    public void GetConsumingEnumerable_CancelledWhileWaiting_ThrowsWithTheToken()
    {
        using var queue = Create<int>();
        using var cancel = new CancellationTokenSource();
        var read = OnThread(() => queue.GetConsumingEnumerable(cancel.Token).Count());
        UntilWaiting(queue, gets: 1);

        cancel.Cancel();

        var error = Assert.ThrowsAny<OperationCanceledException>(() => Within(read));
        Assert.Equal(cancel.Token, error.CancellationToken);
    }

    [Fact]
    public async Task ReadAllAsync_CancelledBetweenItems_TheRestStays()
    {
        using var queue = Create<int>();
        using var cancel = new CancellationTokenSource();
        queue.PutMany(Enumerable.Range(0, 100));
        var got = new List<int>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in queue.ReadAllAsync(cancel.Token))
            {
                got.Add(item);
                if (got.Count == 10)
                {
                    await cancel.CancelAsync();
                }
            }
        });

        Eventually.True(() => queue.GetInfo().Leased == 0);
        Assert.Equal(Enumerable.Range(0, 100), got.Concat(queue.GetMany(100, TimeSpan.Zero)));
        Assert.Equal(10, got.Count);
    }

    [Fact]
    public async Task ReadAllAsync_TwoReaders_ShareTheItemsAndEachIsInOrder()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var reads = new[] { queue, other }.Select(handle => Task.Run(async () => await handle.ReadAllAsync().ToListAsync())).ToArray();
        UntilWaiting(queue, gets: 2);

        queue.PutMany(Enumerable.Range(0, N));
        queue.Complete();

        var got = await Task.WhenAll(reads).WaitAsync(Times.Long);
        Assert.All(got, items => Assert.Equal(items.Order(), items));
        Assert.Equal(Enumerable.Range(0, N), got[0].Concat(got[1]).Order());
    }

    [Fact]
    public async Task ReadAllAsync_SlowConsumer_KeepsNextToNothingFromTheOthers()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        using var gate = new SemaphoreSlim(0);
        var read = Task.Run(async () =>
        {
            var got = new List<int>();
            await foreach (var item in queue.ReadAllAsync())
            {
                got.Add(item);
                await gate.WaitAsync();
            }

            return got;
        });
        UntilWaiting(other, gets: 1);
        other.PutMany(Enumerable.Range(0, 100));

        Eventually.True(() => other.GetInfo().TotalTaken == 1);
        var taken = other.GetMany(100, TimeSpan.Zero);

        Assert.InRange(taken.Count, 98, 99);
        other.Complete();
        gate.Release(100);
        Assert.Equal(Enumerable.Range(0, 100), (await read.WaitAsync(Times.Long)).Concat(taken).Order());
    }

    [Fact]
    public async Task ReadAllAsync_QueueDeleted_ThrowsAndSaysSo()
    {
        using var queue = IpcQueue.Create<int>();
        using var reader = IpcQueue.Open<int>(queue.Endpoint, queue.Name);
        var read = Task.Run(async () => await reader.ReadAllAsync().CountAsync());
        UntilWaiting(queue, gets: 1);

        queue.Dispose();

        var error = await Assert.ThrowsAsync<QueueCompletedException>(() => read.WaitAsync(Times.Long));
        Assert.Contains("deleted", error.Message, StringComparison.Ordinal);
    }
}

public sealed class ReadContractInProcess() : ReadContract(new InProcess());

public sealed class ReadContractOverPipe() : ReadContract(new OverPipe());
