using System.Diagnostics;

namespace QueueIpc.Benchmarks;

/// <summary>What a broker costs while it has much to keep and little to do, and what a worker costs to start.</summary>
internal static class Resources
{
    private const int Starts = 5;

    /// <summary>Megabytes of a broker process that holds so many 64-byte items, above an idle one; and the time of a put and get at that depth against the time at depth 1.</summary>
    public static (double Megabytes, double Slowdown) Deep(int items)
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<byte[]>("deep");
        var item = new byte[64];
        PutAndGet();
        var shallow = PutAndGet();
        var before = ResidentBytes(broker);
        queue.PutMany(Enumerable.Repeat(item, items));
        var megabytes = (ResidentBytes(broker) - before) / 1e6;
        return (megabytes, PutAndGet() / shallow);

        double PutAndGet() => Statistics.MedianMicros(2000, () =>
        {
            queue.Put(item);
            queue.Get();
        });
    }

    /// <summary>Kilobytes for each of so many idle connections, and queues that nobody has open, and the round trip of another client beside them against one without.</summary>
    public static (double KilobytesPerConnection, double KilobytesPerQueue, double Slowdown) Many(int connections, int queues)
    {
        using var broker = QueueBroker.StartProcess();
        OneByOne.RoundTrip(broker, 3000);
        var alone = OneByOne.RoundTrip(broker, 3000);
        var before = ResidentBytes(broker);
        var clients = Enumerable.Range(0, connections).Select(_ => QueueClient.Connect(broker.Endpoint)).ToArray();
        var connected = ResidentBytes(broker);
        for (var i = 0; i < queues; i++)
        {
            clients[i % connections].OpenQueue<int>($"queue-{i}").Dispose();
        }

        var opened = ResidentBytes(broker);
        var crowded = OneByOne.RoundTrip(broker, 3000);
        foreach (var client in clients)
        {
            client.Dispose();
        }

        return ((connected - before) / 1e3 / connections, (opened - connected) / 1e3 / queues, crowded / alone);
    }

    /// <summary>Seconds of processor time of a broker process during so many seconds in which 100 Gets wait, each on a connection of its own.</summary>
    public static double Idle(int seconds)
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<byte[]>("idle");
        var clients = Enumerable.Range(0, 100).Select(_ => QueueClient.Connect(broker.Endpoint)).ToArray();
        var waiters = clients.Select(client => client.OpenQueue<byte[]>("idle").TryGetAsync(TimeSpan.FromSeconds(seconds * 2)).AsTask()).ToArray();
        while (queue.GetInfo().WaitingGets < waiters.Length)
        {
            Thread.Yield();
        }

        using var process = Process.GetProcessById(broker.ProcessId);
        var before = process.TotalProcessorTime;
        Task.WhenAll(waiters).Wait(TimeSpan.FromSeconds(seconds));
        process.Refresh();
        var used = (process.TotalProcessorTime - before).TotalSeconds;
        queue.PutMany(Enumerable.Repeat(Array.Empty<byte>(), waiters.Length));
        Task.WhenAll(waiters).Wait();
        Array.ForEach(clients, client => client.Dispose());
        return used;
    }

    /// <summary>
    /// Milliseconds from a broker's start on the name of one that was killed a second ago, to the moment when the puts of so many clients have all returned that waited for it;
    /// the median of some.
    /// </summary>
    public static double Restart(int clients)
    {
        var name = $"restart-{Guid.NewGuid():N}";
        var broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = name });
        var queues = Enumerable.Range(0, clients).Select(_ => QueueClient.Connect(name)).Select(client => (Client: client, Queue: client.OpenQueue<int>("jobs"))).ToArray();
        var times = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            using (var process = Process.GetProcessById(broker.ProcessId))
            {
                process.Kill();
                process.WaitForExit();
            }

            broker.Dispose();
            var puts = Task.WhenAll(queues.Select(one => one.Queue.PutAsync(i, TimeSpan.FromMinutes(1)).AsTask()));
            puts.Wait(TimeSpan.FromSeconds(1));
            broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = name });
            var began = Stopwatch.GetTimestamp();
            puts.Wait();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Array.ForEach(queues, one => one.Client.Dispose());
        broker.Dispose();
        return Statistics.Median(times);
    }

    /// <summary>Milliseconds from WorkerProcess.Start to the worker's first item.</summary>
    public static double Spawn() => MedianStart(() =>
    {
        using var queue = IpcQueue.Create<int>();
        var begun = Stopwatch.GetTimestamp();
        using var worker = WorkerProcess.Start(PutOne, queue);
        queue.Get();
        var elapsed = Stopwatch.GetElapsedTime(begun);
        worker.WaitForExit();
        return elapsed;
    });

    /// <summary>Milliseconds from the start of this same program, in the same way as a worker, but told to do nothing, to its first line.</summary>
    public static double SpawnEmpty() => MedianStart(() =>
    {
        var program = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? ["exec", typeof(Resources).Assembly.Location, "nothing"] : ["nothing"];
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadLine();
        var elapsed = Stopwatch.GetElapsedTime(begun);
        process.WaitForExit();
        return elapsed;
    });

    /// <summary>The first start is not counted: in it, this process itself does many things for the first time.</summary>
    private static double MedianStart(Func<TimeSpan> start)
    {
        start();
        return Enumerable.Range(0, Starts).Select(_ => start().TotalMilliseconds).Order().ElementAt(Starts / 2);
    }

    private static void PutOne(IpcQueue<int> queue) => queue.Put(1);

    public static double ResidentBytes(QueueBroker broker)
    {
        using var process = Process.GetProcessById(broker.ProcessId);
        return process.WorkingSet64;
    }
}
