using System.Diagnostics;

namespace QueueIpc.Benchmarks;

/// <summary>What queues on disk cost: each call that is measured returns when what it did is flushed.</summary>
internal static class Durable
{
    public const int Callers = 64;
    private const int ItemBytes = 64;
    private const int Depth = 1000;
    private const int NeighbourBatch = 10_000;

    /// <summary>Microseconds of each of so many puts, with nobody else there.</summary>
    public static double[] Puts(int count)
    {
        using var data = new DataFolder();
        using var broker = QueueBroker.StartProcess(data.Options);
        using var queue = broker.OpenQueue<byte[]>("put");
        return Statistics.Micros(count, () => queue.Put(new byte[ItemBytes]));
    }

    /// <summary>Puts a second of 64 callers, each of whom awaits its put before the next.</summary>
    public static double PutsPerSecond(int count)
    {
        using var data = new DataFolder();
        using var broker = QueueBroker.StartProcess(data.Options);
        using var queue = broker.OpenQueue<byte[]>("put");
        PutAll(count / 5);
        var begun = Stopwatch.GetTimestamp();
        PutAll(count);
        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;

        void PutAll(int items) => Task.WaitAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => PutEach(items / Callers))));

        async Task PutEach(int items)
        {
            for (var i = 0; i < items; i++)
            {
                await queue.PutAsync(new byte[ItemBytes]);
            }
        }
    }

    /// <summary>Microseconds of each of so many puts, while another queue of the same broker is put and read at full speed by other processes.</summary>
    public static double[] PutsBesideStream(int count)
    {
        using var data = new DataFolder();
        using var broker = QueueBroker.StartProcess(data.Options);
        using var queue = broker.OpenQueue<byte[]>("put");
        using var stream = broker.OpenQueue<byte[]>("stream", new QueueOptions { Capacity = 10 * NeighbourBatch });
        using var end = broker.OpenQueue<bool>("end");
        using var consumer = WorkerProcess.Start(Read, stream);
        using var producer = WorkerProcess.Start(PutUntilTold, stream, end);
        while (stream.GetInfo().TotalTaken == 0)
        {
            Thread.Yield();
        }

        var micros = Statistics.Micros(count, () => queue.Put(new byte[ItemBytes]));
        end.Put(true);
        producer.WaitForExit();
        stream.Complete();
        consumer.WaitForExit();
        return micros;
    }

    /// <summary>
    /// Seconds from the start of a broker process to its first Get, with so many items waiting in the directory of one that was killed; and its memory then,
    /// in megabytes.
    /// </summary>
    public static (double Seconds, double Megabytes) Start(int waiting)
    {
        using var data = new DataFolder();
        using (var broker = QueueBroker.StartProcess(data.Options))
        using (var queue = broker.OpenQueue<byte[]>("deep"))
        using (var process = Process.GetProcessById(broker.ProcessId))
        {
            queue.PutMany(Enumerable.Repeat(new byte[ItemBytes], waiting));
            process.Kill();
            process.WaitForExit();
        }

        var begun = Stopwatch.GetTimestamp();
        using var again = QueueBroker.StartProcess(data.Options);
        using var deep = again.OpenQueue<byte[]>("deep");
        deep.Get();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return (seconds, Resources.ResidentBytes(again) / 1e6);
    }

    /// <summary>Megabytes of the database and its log, at most, while so many items wait, and are put and taken at full speed; and how many were put.</summary>
    public static (double Megabytes, double Items) FileSize(TimeSpan time)
    {
        using var data = new DataFolder();
        using var broker = QueueBroker.StartProcess(data.Options);
        using var queue = broker.OpenQueue<byte[]>("steady");
        var batch = Enumerable.Repeat(new byte[ItemBytes], Depth / 10).ToArray();
        queue.PutMany(Enumerable.Repeat(batch, 10).SelectMany(items => items));
        var (most, put) = (0L, 0L);
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < time; put += batch.Length)
        {
            queue.PutMany(batch);
            for (var taken = 0; taken < batch.Length;)
            {
                taken += queue.GetMany(batch.Length - taken, Timeout.InfiniteTimeSpan).Count;
            }

            most = Math.Max(most, data.FileBytes);
        }

        return (most / 1e6, put);
    }

    private static void Read(IpcQueue<byte[]> stream)
    {
        foreach (var _ in stream.GetConsumingEnumerable())
        {
            // What matters is that it goes.
        }
    }

    private static void PutUntilTold(IpcQueue<byte[]> stream, IpcQueue<bool> end)
    {
        var batch = Enumerable.Repeat(new byte[ItemBytes], NeighbourBatch).ToArray();
        while (!end.TryGet(out _))
        {
            stream.PutMany(batch);
        }
    }
}
