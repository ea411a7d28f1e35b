using System.Diagnostics;
using System.Globalization;

namespace QueueIpc.Benchmarks;

/// <summary>What people use in Python: multiprocessing.Queue (a put is not confirmed) and Manager().Queue() (our architecture's twin).</summary>
internal static class Python
{
    private const string Prelude = """
        import multiprocessing as mp, sys, time
        def produce(q, n, size):
            item = b'x' * size
            for _ in range(n): q.put(item)
        def consume(q, n, r):
            q.get(); t = time.perf_counter()
            for _ in range(n - 1): q.get()
            r.put(n / (time.perf_counter() - t))
        def echo(a, b):
            while True:
                x = a.get()
                if x is None: return
                b.put(x)
        def rate(q, r, n, size):
            c = mp.Process(target=consume, args=(q, n, r)); p = mp.Process(target=produce, args=(q, n, size))
            c.start(); p.start(); v = r.get(); p.join(); c.join(); return v
        def rtt(a, b, n):
            e = mp.Process(target=echo, args=(a, b)); e.start(); times = []
            item = b'x' * 64
            for i in range(n + n // 10):
                t = time.perf_counter(); a.put(item); b.get(); times.append(time.perf_counter() - t)
            a.put(None); e.join(); times = sorted(times[n // 10:]); return times[len(times) // 2] * 1e6
        def pace(q, n, rate):
            begun = time.perf_counter_ns(); body = b'x' * 56
            for i in range(n):
                due = begun + i * 1000000000 // rate
                while (left := due - time.perf_counter_ns()) > 0: time.sleep(left / 1e9)
                q.put(due.to_bytes(8, 'little') + body)
        def hear(q, n, r):
            t = []
            for _ in range(n):
                item = q.get(); t.append(time.perf_counter_ns() - int.from_bytes(item[:8], 'little'))
            r.put(t)
        def latency(q, r, n, rate):
            c = mp.Process(target=hear, args=(q, n, r)); p = mp.Process(target=pace, args=(q, n, rate))
            c.start(); p.start(); t = r.get(); p.join(); c.join(); return t[n // 5:]
        if __name__ == '__main__':
            n = int(sys.argv[1]); kind = sys.argv[2]
            if kind == 'queue': print(rate(mp.Queue(), mp.Queue(), n, 64))
            if kind == 'large': print(rate(mp.Queue(), mp.Queue(), n, 1 << 20))
            if kind == 'rtt': print(rtt(mp.Queue(), mp.Queue(), n))
            if kind == 'latency': print(*latency(mp.Queue(), mp.Queue(), n, int(sys.argv[3])))
            if kind == 'manager': m = mp.Manager(); print(rate(m.Queue(), mp.Queue(), n, 64))
        """;

    public static bool IsHere { get; } = Find.OnPath("python3");

    public static double QueueItemsPerSecond(int count) => Run("queue", count);

    public static double LargeMegabytesPerSecond(int count) => Run("large", count);

    public static double RoundTripMicros(int count) => Run("rtt", count);

    public static double ManagerItemsPerSecond(int count) => Run("manager", count);

    /// <summary>As <see cref="Latency.OfQueue"/>, by the same clock, in microseconds.</summary>
    public static double[] Latency(int perSecond, int count)
    {
        var histogram = Benchmarks.Latency.NewHistogram();
        Array.ForEach(Say("latency", count, perSecond).Split(' '), nanos => histogram.RecordValue(Math.Max(0, long.Parse(nanos, CultureInfo.InvariantCulture))));
        return Benchmarks.Latency.Figures(histogram);
    }

    private static double Run(string kind, int count) => double.Parse(Say(kind, count), CultureInfo.InvariantCulture);

    private static string Say(string kind, params int[] numbers)
    {
        // A file, because the children of multiprocessing import it again where they are not forked.
        var file = Path.Combine(Path.GetTempPath(), $"queueipc-bench-{Guid.NewGuid():N}.py");
        File.WriteAllText(file, Prelude);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", [file, $"{numbers[0]}", kind, .. numbers.Skip(1).Select(number => $"{number}")]) { RedirectStandardOutput = true })!;
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? said : throw new InvalidOperationException($"python3 ended with exit code {process.ExitCode}");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
