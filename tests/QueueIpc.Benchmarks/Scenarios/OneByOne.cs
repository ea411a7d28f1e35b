namespace QueueIpc.Benchmarks;

/// <summary>Calls that are waited for one by one: medians in microseconds.</summary>
internal static class OneByOne
{
    private const int ItemBytes = 64;

    public static double Put(int count)
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<byte[]>("put");
        return Statistics.MedianMicros(count, () => queue.Put(new byte[ItemBytes]));
    }

    /// <summary>There and back over two queues between two processes.</summary>
    public static double RoundTrip(int count)
    {
        using var broker = QueueBroker.StartProcess();
        return RoundTrip(broker, count);
    }

    public static double RoundTrip(QueueBroker broker, int count)
    {
        using var there = broker.OpenQueue<byte[]>("there");
        using var back = broker.OpenQueue<byte[]>("back");
        using var echo = WorkerProcess.Start(Echo, there, back);
        var item = new byte[ItemBytes];
        var micros = Statistics.MedianMicros(count, () =>
        {
            there.Put(item);
            back.Get();
        });
        there.Put([]);
        echo.WaitForExit();
        return micros;
    }

    private static void Echo(IpcQueue<byte[]> there, IpcQueue<byte[]> back)
    {
        while (there.Get() is { Length: > 0 } item)
        {
            back.Put(item);
        }
    }
}
