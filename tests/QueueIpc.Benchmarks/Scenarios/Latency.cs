using System.Buffers.Binary;
using System.Diagnostics;
using HdrHistogram;

namespace QueueIpc.Benchmarks;

/// <summary>
/// How long an item takes from the moment when it was to be put in one process until another has it. The items come at a fixed rate, whatever the answers do
/// (an open loop): each has with it when its turn was, so that a stall is charged to all who came meanwhile.
/// </summary>
internal static class Latency
{
    public const int ItemBytes = 64;

    /// <summary>What is told of a distribution, in parts of all items.</summary>
    public static readonly double[] Parts = [0.5, 0.9, 0.99, 0.999, 0.9999, 1];

    /// <summary>A minute is more than any of them takes; three digits are kept.</summary>
    private const long NanosMax = 60_000_000_000;

    /// <summary>So much of all items is not told: until then it is the compiler that is measured.</summary>
    private const double WarmUp = 0.2;

    public static double[] OfQueue(int perSecond, int count)
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<byte[]>("latency");
        using var result = broker.OpenQueue<double[]>("result");
        using var consumer = WorkerProcess.Start(Consume, queue, count, result);
        using var producer = WorkerProcess.Start(Produce, queue, perSecond, count);
        return result.Get();
    }

    /// <summary>Calls that for each item, when its turn is: what it is given has the time in its first bytes, and is used again.</summary>
    public static void AtRate(int perSecond, int count, Action<byte[]> put)
    {
        var item = new byte[ItemBytes];
        var period = 1e9 / perSecond;
        var begun = Nanos;
        for (var i = 0; i < count; i++)
        {
            var due = begun + (long)(i * period);
            Pause.Until(due);
            BinaryPrimitives.WriteInt64LittleEndian(item, due);
            put(item);
        }
    }

    /// <summary>What so many items took that the function waits for, in microseconds, for each of <see cref="Parts"/>.</summary>
    public static double[] Take(int count, Func<byte[]> next)
    {
        var histogram = NewHistogram();
        for (var i = 0; i < count; i++)
        {
            Record(histogram, i, count, next());
        }

        return Figures(histogram);
    }

    public static LongHistogram NewHistogram() => new(NanosMax, 3);

    public static void Record(LongHistogram histogram, int index, int count, ReadOnlySpan<byte> item)
    {
        if (index >= count * WarmUp)
        {
            histogram.RecordValue(Math.Clamp(Nanos - BinaryPrimitives.ReadInt64LittleEndian(item), 0, NanosMax));
        }
    }

    public static double[] Figures(LongHistogram histogram) => Array.ConvertAll(Parts, part => histogram.GetValueAtPercentile(part * 100) / 1e3);

    /// <summary>The system's monotonic clock: the same in all processes.</summary>
    public static long Nanos => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    private static void Produce(IpcQueue<byte[]> queue, int perSecond, int count)
    {
        Task last = Task.CompletedTask;
        AtRate(perSecond, count, item => last = queue.PutAsync(item).AsTask());
        last.Wait();
    }

    private static async Task Consume(IpcQueue<byte[]> queue, int count, IpcQueue<double[]> result)
    {
        var (histogram, i) = (NewHistogram(), 0);
        await foreach (var item in queue.ReadAllAsync())
        {
            Record(histogram, i++, count, item);
            if (i == count)
            {
                break;
            }
        }

        result.Put(Figures(histogram));
    }
}
