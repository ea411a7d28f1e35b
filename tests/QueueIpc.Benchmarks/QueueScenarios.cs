using System.Diagnostics;

namespace QueueIpc.Benchmarks;

/// <summary>What a user does with a queue, each between real processes and a broker process of its own.</summary>
internal static class QueueScenarios
{
    private const int ItemBytes = 64;

    /// <summary>One confirmed Put, in microseconds.</summary>
    public static double Put(int count)
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<byte[]>("put");
        return OneByOne(count, _ => queue.Put(new byte[ItemBytes]));
    }

    /// <summary>There and back over two queues between two processes, in microseconds.</summary>
    public static double RoundTrip(int count)
    {
        using var broker = QueueBroker.StartProcess();
        using var there = broker.OpenQueue<byte[]>("there");
        using var back = broker.OpenQueue<byte[]>("back");
        using var echo = WorkerProcess.Start(Echo, there, back);
        var item = new byte[ItemBytes];
        var micros = OneByOne(count, _ =>
        {
            there.Put(item);
            back.Get();
        });
        there.Complete();
        echo.WaitForExit();
        return micros;
    }

    /// <summary>A loop of Put against a loop of Get, in items a second.</summary>
    public static double Naive(int count) => Rate(count, PutEach, GetEach);

    /// <summary>PutMany against ReadAllAsync, in items a second.</summary>
    public static double Stream(int count) => Rate(count, PutMany, ReadAll);

    /// <summary>PutAsync, 1,000 in flight, against GetAsync likewise, in items a second.</summary>
    public static double Pipelined(int count) => Rate(count, PutPipelined, GetPipelined);

    /// <summary>PutMany against LeaseAllAsync with an Ack for each, in items a second.</summary>
    public static double Lease(int count) => Rate(count, PutMany, LeaseAll);

    /// <summary>1 MiB items, PutMany against ReadAllAsync, in MiB a second.</summary>
    public static double Large(int count) => Rate(count, PutLarge, ReadAll);

    /// <summary>The processor time of the broker while 100 Gets wait, in seconds.</summary>
    public static double Idle(int seconds)
    {
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<byte[]>("idle");
        var waiters = Enumerable.Range(0, 100).Select(_ => queue.TryGetAsync(TimeSpan.FromSeconds(seconds + 5)).AsTask()).ToArray();
        while (queue.GetInfo().WaitingGets < 100)
        {
            Thread.Yield();
        }

        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        Task.WhenAll(waiters).Wait(TimeSpan.FromSeconds(seconds));
        self.Refresh();
        return (self.TotalProcessorTime - before).TotalSeconds;
    }

    private static double OneByOne(int count, Action<int> act)
    {
        var times = new double[count];
        for (var i = -count / 10; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            act(i);
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        return Statistics.Median(times);
    }

    /// <summary>Items a second from one producer to one consumer process, from the first item that arrives to the last. A tenth of the items warm both up.</summary>
    private static double Rate(int count, Action<IpcQueue<byte[]>, IpcQueue<int>, int> produce, Action<IpcQueue<byte[]>, IpcQueue<double>, int> consume)
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<byte[]>("items");
        using var start = broker.OpenQueue<int>("start");
        using var result = broker.OpenQueue<double>("result");
        using var consumer = WorkerProcess.Start(consume, queue, result, count);
        using var producer = WorkerProcess.Start(produce, queue, start, count);
        start.Put(count / 4);
        result.Get();
        start.Put(count);
        var seconds = result.Get();
        producer.WaitForExit();
        consumer.WaitForExit();
        return count / seconds;
    }

    private static void Echo(IpcQueue<byte[]> there, IpcQueue<byte[]> back)
    {
        try
        {
            while (true)
            {
                back.Put(there.Get());
            }
        }
        catch (QueueCompletedException)
        {
            // Done.
        }
    }

    private static void PutEach(IpcQueue<byte[]> queue, IpcQueue<int> start, int count) => Twice(start, n =>
    {
        var item = new byte[ItemBytes];
        for (var i = 0; i < n; i++)
        {
            queue.Put(item);
        }
    });

    private static void PutMany(IpcQueue<byte[]> queue, IpcQueue<int> start, int count) =>
        Twice(start, n => queue.PutMany(Enumerable.Repeat(new byte[ItemBytes], n)));

    private static void PutLarge(IpcQueue<byte[]> queue, IpcQueue<int> start, int count) =>
        Twice(start, n => queue.PutMany(Enumerable.Repeat(new byte[1 << 20], n)));

    private static void PutPipelined(IpcQueue<byte[]> queue, IpcQueue<int> start, int count) => Twice(start, n =>
    {
        var item = new byte[ItemBytes];
        var inFlight = new Queue<Task>();
        for (var i = 0; i < n; i++)
        {
            inFlight.Enqueue(queue.PutAsync(item).AsTask());
            if (inFlight.Count == 1000)
            {
                inFlight.Dequeue().Wait();
            }
        }

        while (inFlight.TryDequeue(out var put))
        {
            put.Wait();
        }
    });

    private static void GetEach(IpcQueue<byte[]> queue, IpcQueue<double> result, int count) => Timed(result, count, n =>
    {
        for (var i = 0; i < n; i++)
        {
            queue.Get();
        }
    });

    private static void GetPipelined(IpcQueue<byte[]> queue, IpcQueue<double> result, int count) => Timed(result, count, n =>
    {
        var inFlight = new Queue<Task<byte[]>>();
        for (var i = 0; i < n; i++)
        {
            inFlight.Enqueue(queue.GetAsync().AsTask());
            if (inFlight.Count == 1000)
            {
                inFlight.Dequeue().Wait();
            }
        }

        while (inFlight.TryDequeue(out var get))
        {
            get.Wait();
        }
    });

    private static void ReadAll(IpcQueue<byte[]> queue, IpcQueue<double> result, int count) => TimedStream(queue.ReadAllAsync(), _ => { }, result, count).GetAwaiter().GetResult();

    private static void LeaseAll(IpcQueue<byte[]> queue, IpcQueue<double> result, int count) =>
        TimedStream(queue.LeaseAllAsync(), lease => lease.Ack(), result, count).GetAwaiter().GetResult();

    private static async Task TimedStream<T>(IAsyncEnumerable<T> items, Action<T> handle, IpcQueue<double> result, int count)
    {
        var seen = 0;
        var until = count / 4;
        var begun = 0L;
        await foreach (var item in items)
        {
            handle(item);
            if (seen++ == 0)
            {
                begun = Stopwatch.GetTimestamp();
            }

            if (seen < until)
            {
                continue;
            }

            result.Put(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            if (until == count)
            {
                return;
            }

            (seen, until) = (0, count);
        }
    }

    private static void Timed(IpcQueue<double> result, int count, Action<int> take)
    {
        foreach (var n in new[] { count / 4, count })
        {
            take(1);
            var begun = Stopwatch.GetTimestamp();
            take(n - 1);
            result.Put(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
    }

    private static void Twice(IpcQueue<int> start, Action<int> put)
    {
        put(start.Get());
        put(start.Get());
    }
}
