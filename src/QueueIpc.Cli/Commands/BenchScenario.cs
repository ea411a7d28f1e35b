using System.Diagnostics;

namespace QueueIpc.Cli.Commands;

/// <summary>How often something was done in a second, and how long once took. Items that go in batches are counted, and each batch is timed.</summary>
internal sealed record BenchResult(string Name, double PerSecond, double MedianMicros, double P99Micros);

/// <summary>One thing that queues are used for, done again and again for a while.</summary>
internal sealed class BenchScenario(string name, int itemBytes, int itemsEach, Func<IpcQueue<byte[]?>, IpcQueue<byte[]?>, byte[][], Task> once)
{
    private const int WarmUps = 200;

    public static IReadOnlyList<BenchScenario> All { get; } =
    [
        new("put, then get, 100 B", 100, 1, static (queue, _, items) =>
        {
            queue.Put(items[0]);
            queue.Get();
            return Task.CompletedTask;
        }),
        new("put, then lease and ack, 100 B", 100, 1, static (queue, _, items) =>
        {
            queue.Put(items[0]);
            queue.Lease().Ack();
            return Task.CompletedTask;
        }),
        new("get that waits for a put, 100 B", 100, 1, static async (queue, other, items) =>
        {
            var get = other.GetAsync();
            queue.Put(items[0]);
            await get;
        }),
        new("put many, get many, 100 B", 100, 1000, PassAsync),
        new("put many, get many, 1 MiB", 1 << 20, 4, PassAsync),
    ];

    public string Name => name;

    public Task<BenchResult> RunAsync(QueueClient client, TimeSpan time, CancellationToken stop) =>
        Task.Factory.StartNew(() => RunHereAsync(client, time, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static async Task PassAsync(IpcQueue<byte[]?> queue, IpcQueue<byte[]?> other, byte[][] items)
    {
        var put = queue.PutManyAsync(items);
        for (var got = 0; got < items.Length;)
        {
            got += (await other.GetManyAsync(items.Length - got, Timeout.InfiniteTimeSpan)).Count;
        }

        await put;
    }

    private async Task<BenchResult> RunHereAsync(QueueClient client, TimeSpan time, CancellationToken stop)
    {
        var queueName = $"bench-{Guid.NewGuid():N}";
        using var second = Tool.BrokerChoice.Connect(client.Endpoint, ct: stop);
        using var queue = client.OpenQueue<byte[]?>(queueName);
        using var other = second.OpenQueue<byte[]?>(queueName);
        try
        {
            var items = Enumerable.Range(0, itemsEach).Select(_ => new byte[itemBytes]).ToArray();
            for (var i = 0; i < Math.Max(4, WarmUps / itemsEach); i++)
            {
                await once(queue, other, items);
            }

            var times = new List<double>();
            var whole = Stopwatch.StartNew();
            while (whole.Elapsed < time)
            {
                stop.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                await once(queue, other, items);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

            var perSecond = times.Count * (double)itemsEach / whole.Elapsed.TotalSeconds;
            times.Sort();
            return new BenchResult(name, perSecond, times[times.Count / 2], times[Math.Min(times.Count - 1, times.Count * 99 / 100)]);
        }
        finally
        {
            client.DeleteQueue(queueName);
        }
    }
}
