using System.Diagnostics;

namespace QueueIpc.Benchmarks;

/// <summary>How items are put, or taken.</summary>
internal enum Way
{
    Naive,
    Stream,
    Typed,
    Pipelined,
    Lease,
    Channel,
}

internal sealed record FlowPlan(Way Way, int Count, int ItemBytes = 64, int Producers = 1, int Consumers = 1, int StoppedConsumers = 0, bool OnDisk = false, int Capacity = 0);

/// <summary>What came of it: items a second from the first that anybody took to the last, and how many each consumer took.</summary>
internal sealed record FlowResult(double ItemsPerSecond, int[] Shares)
{
    /// <summary>By how much the largest and the smallest share differ from an equal one.</summary>
    public double Unfairness => Shares.Max(share => Math.Abs((share * Shares.Length / (double)Shares.Sum()) - 1));
}

internal sealed record Order(int Id, string Customer, decimal Price, DateTime At, bool Paid);

/// <summary>Items from producer processes to consumer processes over a broker process. Everything is warmed up on a queue of its own first.</summary>
internal static class Flow
{
    private const int InFlight = 1000;

    private static readonly Order AnOrder = new(4711, "Müller & Söhne", 123.45m, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), true);

    public static FlowResult Run(FlowPlan plan) => plan.Way == Way.Typed ? Run<Order>(plan, ProduceTyped, ConsumeTyped) : Run<byte[]>(plan, Produce, Consume);

    private static FlowResult Run<T>(FlowPlan plan, Action<IpcQueue<T>, IpcQueue<T>, IpcQueue<bool>, FlowPlan> produce, Action<IpcQueue<T>, IpcQueue<T>, IpcQueue<long[]>, FlowPlan> consume)
    {
        using var data = plan.OnDisk ? new DataFolder() : null;
        using var broker = QueueBroker.StartProcess(data?.Options ?? new QueueBrokerOptions());
        using var warmUp = broker.OpenQueue<T>("warm-up");
        using var items = broker.OpenQueue<T>("items", new QueueOptions { Capacity = plan.Capacity });
        using var ready = broker.OpenQueue<bool>("ready");
        using var reports = broker.OpenQueue<long[]>("reports");
        var consumers = Enumerable.Range(0, plan.Consumers).Select(_ => WorkerProcess.Start(consume, warmUp, items, reports, plan)).ToArray();
        var producers = Enumerable.Range(0, plan.Producers).Select(_ => WorkerProcess.Start(produce, warmUp, items, ready, plan)).ToArray();
        for (var i = 0; i < plan.Producers; i++)
        {
            reports.Get();
        }

        warmUp.Complete();
        while (items.GetInfo().WaitingGets < plan.Consumers)
        {
            Thread.Yield();
        }

        foreach (var stopped in consumers.Take(plan.StoppedConsumers))
        {
            Process.Start("kill", ["-STOP", $"{stopped.Id}"]).WaitForExit();
        }

        ready.PutMany(Enumerable.Repeat(true, plan.Producers));
        WaitFor(producers);
        items.Complete();
        if (plan.StoppedConsumers > 0)
        {
            // What the stopped ones hold keeps the queue from being completed; the others have taken all else by now.
            while (items.GetInfo().Ready > 0)
            {
                // Whoever looks without a pause takes a processor from those who are measured.
                Thread.Sleep(1);
            }

            KillStopped();
        }

        var results = Enumerable.Range(0, plan.Consumers - plan.StoppedConsumers).Select(_ => reports.Get()).ToArray();
        WaitFor(consumers);
        var taken = results.Where(result => result[3] > 0).ToArray();
        var elapsed = Stopwatch.GetElapsedTime(taken.Min(result => result[0]), taken.Max(result => result[1]));
        return new FlowResult(results.Sum(result => result[3]) / elapsed.TotalSeconds, [.. results.Select(result => (int)result[2])]);

        void KillStopped()
        {
            foreach (var stopped in consumers.Take(plan.StoppedConsumers))
            {
                stopped.Kill();
            }
        }
    }

    private static void WaitFor(IEnumerable<WorkerProcess> workers)
    {
        foreach (var worker in workers)
        {
            worker.WaitForExit();
            worker.Dispose();
        }
    }

    private static void Produce(IpcQueue<byte[]> warmUp, IpcQueue<byte[]> items, IpcQueue<bool> ready, FlowPlan plan) =>
        Produce(warmUp, items, ready, plan, new byte[plan.ItemBytes]);

    private static void ProduceTyped(IpcQueue<Order> warmUp, IpcQueue<Order> items, IpcQueue<bool> ready, FlowPlan plan) =>
        Produce(warmUp, items, ready, plan, AnOrder);

    private static void Produce<T>(IpcQueue<T> warmUp, IpcQueue<T> items, IpcQueue<bool> ready, FlowPlan plan, T item)
    {
        using var reports = IpcQueue.Open<long[]>(ready.Endpoint, "reports");
        var count = plan.Count / plan.Producers;
        Put(warmUp, plan.Way, item, Math.Max(1, count / 4));
        reports.Put([]);
        ready.Get();
        Put(items, plan.Way, item, count);
    }

    private static void Put<T>(IpcQueue<T> queue, Way way, T item, int count)
    {
        switch (way)
        {
            case Way.Naive:
                for (var i = 0; i < count; i++)
                {
                    queue.Put(item);
                }

                break;
            case Way.Pipelined:
                PutPipelined(queue, item, count).GetAwaiter().GetResult();
                break;
            case Way.Channel:
                WriteChannel(queue, item, count).GetAwaiter().GetResult();
                break;
            default:
                queue.PutMany(Enumerable.Repeat(item, count));
                break;
        }
    }

    private static async Task PutPipelined<T>(IpcQueue<T> queue, T item, int count)
    {
        var inFlight = new Queue<Task>();
        for (var i = 0; i < count; i++)
        {
            inFlight.Enqueue(queue.PutAsync(item).AsTask());
            if (inFlight.Count == InFlight)
            {
                await inFlight.Dequeue();
            }
        }

        await Task.WhenAll(inFlight);
    }

    private static async Task WriteChannel<T>(IpcQueue<T> queue, T item, int count)
    {
        var inFlight = new Queue<Task>();
        for (var i = 0; i < count; i++)
        {
            inFlight.Enqueue(queue.Writer.WriteAsync(item).AsTask());
            if (inFlight.Count == InFlight)
            {
                await inFlight.Dequeue();
            }
        }

        await Task.WhenAll(inFlight);
    }

    private static void Consume(IpcQueue<byte[]> warmUp, IpcQueue<byte[]> items, IpcQueue<long[]> reports, FlowPlan plan) => ConsumeBoth(warmUp, items, reports, plan);

    private static void ConsumeTyped(IpcQueue<Order> warmUp, IpcQueue<Order> items, IpcQueue<long[]> reports, FlowPlan plan) => ConsumeBoth(warmUp, items, reports, plan);

    private static void ConsumeBoth<T>(IpcQueue<T> warmUp, IpcQueue<T> items, IpcQueue<long[]> reports, FlowPlan plan)
    {
        Consume(warmUp, plan).GetAwaiter().GetResult();
        reports.Put(Consume(items, plan).GetAwaiter().GetResult());
    }

    /// <summary>When the first item came, when the last one whose time was taken, how many came, and how many until then.</summary>
    private static async Task<long[]> Consume<T>(IpcQueue<T> queue, FlowPlan plan)
    {
        // To look at the clock for each of millions would be measured as well.
        var every = plan.Count >= 1_000_000 ? 1024 : 1;
        var (first, last, count, timed) = (0L, 0L, 0L, 0L);
        switch (plan.Way)
        {
            case Way.Naive:
                try
                {
                    while (true)
                    {
                        queue.Get();
                        Saw();
                    }
                }
                catch (QueueCompletedException)
                {
                    break;
                }

            case Way.Pipelined:
                await GetPipelined(queue, Saw);
                break;
            case Way.Lease:
                await foreach (var lease in queue.LeaseAllAsync())
                {
                    lease.Ack();
                    Saw();
                }

                break;
            case Way.Channel:
                await foreach (var _ in queue.Reader.ReadAllAsync())
                {
                    Saw();
                }

                break;
            default:
                await foreach (var _ in queue.ReadAllAsync())
                {
                    Saw();
                }

                break;
        }

        return [first, last, count, timed];

        void Saw()
        {
            if (count++ % every == 0)
            {
                (last, timed) = (Stopwatch.GetTimestamp(), count);
                first = first == 0 ? last : first;
            }
        }
    }

    private static async Task GetPipelined<T>(IpcQueue<T> queue, Action saw)
    {
        var inFlight = new Queue<Task<T>>();
        try
        {
            while (true)
            {
                inFlight.Enqueue(queue.GetAsync().AsTask());
                if (inFlight.Count == InFlight)
                {
                    await inFlight.Dequeue();
                    saw();
                }
            }
        }
        catch (QueueCompletedException)
        {
            // What is in flight still has an item or the same end.
        }

        while (inFlight.TryDequeue(out var get))
        {
            try
            {
                await get;
                saw();
            }
            catch (QueueCompletedException)
            {
                // The end.
            }
        }
    }
}
