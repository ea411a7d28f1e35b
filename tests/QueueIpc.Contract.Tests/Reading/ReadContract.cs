using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Reading;

public abstract class ReadContract(QueueSource source) : QueueContract(source)
{
    private const int N = 10_000;

    [Fact]
    public async Task ReadAllAsync_TwoReaders_ShareTheItemsAndEachIsInOrder()
    {
        using var queue = Create<int>();
        using var other = Another(queue);
        var reads = new[] { queue, other }.Select(handle => Task.Run(async () => await handle.ReadAllAsync().ToListAsync())).ToArray();
        UntilWaiting(queue, gets: 2);

        var watch = Stopwatch.StartNew();
        queue.PutMany(Enumerable.Range(0, N));
        queue.Complete();

        var got = await Task.WhenAll(reads).WaitAsync(Times.Long);

        // Who stands still for 5 ms may give back what it has read ahead, which then comes to the other behind its successors.
        var givenBackMax = watch.ElapsedMilliseconds / 5;
        Assert.All(got, items => Assert.InRange(items.Zip(items.Skip(1)).Count(pair => pair.First > pair.Second), 0, givenBackMax));
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
