using System.Collections.Concurrent;
using System.Diagnostics;
using QueueIpc.Core;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Durability;

/// <summary>Queues on disk that are much larger than what a broker has of them in memory.</summary>
public sealed class DeepQueueTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>40 MB, when some 8 are in memory.</summary>
    [Fact]
    public void Queue_LargerThanWhatIsInMemory_BrokerKilled_AllIsThereInItsOrder()
    {
        const int Count = 40_000;
        using (var first = QueueBroker.StartProcess(Options()))
        {
            using var client = QueueClient.Connect(first.Endpoint);
            using var queue = client.OpenQueue<byte[]>("jobs");
            queue.PutMany(Enumerable.Range(0, Count).Select(ItemOf));
            using var process = Process.GetProcessById(first.ProcessId);
            process.Kill();
            process.WaitForExit();
        }

        using var broker = QueueBroker.StartProcess(Options());
        using var again = QueueClient.Connect(broker.Endpoint);
        using var jobs = again.OpenQueue<byte[]>("jobs");
        Assert.Equal(Count, jobs.GetInfo().Ready);
        Assert.True(jobs.TryPeek(out var peeked));
        Assert.Equal(0, NumberOf(peeked));

        for (var number = 0; number < Count / 2; number++)
        {
            Assert.True(jobs.TryGet(out var item, TimeSpan.Zero), $"The queue has {jobs.GetInfo().Ready} items, and seems empty");
            Assert.Equal(number, NumberOf(item));
        }

        using (var lease = jobs.Lease())
        {
            Assert.Equal(Count / 2, NumberOf(lease.Item));
            lease.Nack();
        }

        using (var lease = jobs.Lease())
        {
            Assert.Equal((Count / 2, 1), (NumberOf(lease.Item), lease.Failures));
            lease.Ack();
        }

        Assert.Equal((Count / 2) - 1, jobs.Clear());
        Assert.False(jobs.TryGet(out _, TimeSpan.Zero));
        jobs.Put(ItemOf(7));
        Assert.Equal(7, NumberOf(jobs.Get()));
    }

    /// <summary>Everybody at once, with so little in memory that nearly every item is read back.</summary>
    [Fact]
    public void Queue_FarFromMemory_ManyPutAndTakeAtOnce_EachItemComesOnceAndInItsProducersOrder()
    {
        const int Each = 4000;
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(_directory.FullName) { Near = new Nearness(500, 2000) } });
        var seen = new ConcurrentBag<IReadOnlyList<int>>();
        var producers = Enumerable.Range(0, 2).Select(which => Run(queue => queue.PutMany(Enumerable.Range(which * Each, Each).Select(number => Make(number, bytes: 20))))).ToArray();
        Thread[] consumers =
        [
            Run(queue => seen.Add([.. queue.GetConsumingEnumerable().Select(NumberOf)])),
            Run(queue => seen.Add([.. TakeAll(queue, () => queue.GetMany(7, Timeout.InfiniteTimeSpan))])),
            Run(queue => seen.Add([.. TakeAll(queue, () =>
            {
                using var lease = queue.Lease();
                lease.Ack();
                return [lease.Item];
            })])),
        ];
        Join(producers);
        using (var queue = broker.OpenQueue<byte[]>("jobs"))
        {
            queue.Complete();
        }

        Join(consumers);
        Assert.Equal(Enumerable.Range(0, 2 * Each), seen.SelectMany(numbers => numbers).Order());
        foreach (var ofOne in seen.SelectMany(numbers => numbers.GroupBy(number => number / Each)))
        {
            Assert.Equal(ofOne.Order(), ofOne);
        }

        Thread Run(Action<IpcQueue<byte[]>> act)
        {
            var thread = new Thread(() =>
            {
                using var client = QueueClient.Connect(broker.Endpoint);
                using var queue = client.OpenQueue<byte[]>("jobs");
                act(queue);
            })
            { IsBackground = true };
            thread.Start();
            return thread;
        }
    }

    /// <summary>More waits than the broker may have in memory, in three queues: nobody waits for memory, and all comes.</summary>
    [Fact]
    public void MaxMemoryBytes_QueuesAreLarger_PutsGoOnAndAllComesInOrder()
    {
        const int Count = 6000;
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(_directory.FullName), MaxItemBytes = 65_536, MaxMemoryBytes = 2 << 20 });
        var queues = Enumerable.Range(0, 3).Select(which => broker.OpenQueue<byte[]>($"jobs-{which}")).ToArray();
        foreach (var queue in queues)
        {
            queue.PutMany(Enumerable.Range(0, Count).Select(ItemOf));
        }

        foreach (var queue in queues)
        {
            Assert.Equal(Enumerable.Range(0, Count), queue.GetConsumingEnumerable().Take(Count).Select(NumberOf));
            queue.Dispose();
        }
    }

    private static IEnumerable<int> TakeAll(IpcQueue<byte[]> queue, Func<IReadOnlyList<byte[]>> take)
    {
        while (true)
        {
            IReadOnlyList<byte[]> items;
            try
            {
                items = take();
            }
            catch (QueueCompletedException)
            {
                yield break;
            }

            foreach (var item in items)
            {
                yield return NumberOf(item);
            }
        }
    }

    private static void Join(Thread[] threads) => Assert.All(threads, thread => Assert.True(thread.Join(Times.Long), "Somebody waits for ever"));

    private static byte[] ItemOf(int number) => Make(number, 1000);

    private static byte[] Make(int number, int bytes)
    {
        var item = new byte[bytes];
        BitConverter.TryWriteBytes(item, number);
        return item;
    }

    private static int NumberOf(byte[] item) => BitConverter.ToInt32(item);

    private QueueBrokerOptions Options() => new() { Storage = new SqliteStorage(_directory.FullName) };
}
