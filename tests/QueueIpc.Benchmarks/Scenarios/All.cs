namespace QueueIpc.Benchmarks;

/// <summary>Every scenario, and what each is to reach.</summary>
internal static class All
{
    public const string Us = "QueueIpc";
    public const string Rate = "items/s";
    public const string ConsumersPrefix = "consumers-";
    public const string BytesPrefix = "bytes-";
    public const string LatencyPrefix = "latency-";

    private const string Redis = "Redis list";
    private const string Floor = "append + flush";
    private const string PutRate = "puts/s";
    private const int ItemBytes = 64;
    private const int PieceBytes = 64 * 1024;
    private const int IdleSeconds = 30;
    private const int FileSeconds = 60;
    private const int LatencySeconds = 20;

    public static IEnumerable<Scenario> Scenarios()
    {
        // What is compared stands side by side: a machine is not the same a minute later.
        yield return new("raw", "named pipe", "round trip", "µs", s => RawPipe.RoundTripMicros(N(20_000, s)));
        yield return new("rtt", Us, "round trip", "µs", s => OneByOne.RoundTrip(N(10_000, s)));
        yield return OfPython("rtt", "multiprocessing.Queue", "round trip", "µs", s => Python.RoundTripMicros(N(10_000, s)));
        yield return new("put", Us, "put", "µs", s => OneByOne.Put(N(20_000, s)));
        yield return FlowOf("naive", new FlowPlan(Way.Naive, 60_000));
        yield return OfPython("naive", "Manager().Queue()", Rate, Rate, s => Python.ManagerItemsPerSecond(N(15_000, s)));
        yield return OfRedis("naive", s => RedisList.NaiveItemsPerSecond(N(30_000, s)));
        yield return OfPython("stream", "multiprocessing.Queue", Rate, Rate, s => Python.QueueItemsPerSecond(N(200_000, s)));
        yield return OfRedis("stream", s => RedisList.StreamItemsPerSecond(N(4_000_000, s)));
        yield return new("stream", "NetMQ", Rate, Rate, s => NetMqPushPull.ItemsPerSecond(N(1_000_000, s)));
        yield return new("relay", "named pipe", Rate, Rate, s => RelayPipe.ItemsPerSecond(N(20_000_000, s)));
        yield return FlowOf("stream", new FlowPlan(Way.Stream, 20_000_000));
        yield return FlowOf("stream-typed", new FlowPlan(Way.Typed, 6_000_000));
        yield return FlowOf("pipelined", new FlowPlan(Way.Pipelined, 1_200_000));
        yield return FlowOf("lease", new FlowPlan(Way.Lease, 8_000_000));
        yield return FlowOf("channel", new FlowPlan(Way.Channel, 6_000_000));
        yield return FlowOf("fan-stream", new FlowPlan(Way.Stream, 20_000_000, Producers: 4, Consumers: 4));
        yield return FlowOf("fan-naive", new FlowPlan(Way.Naive, 60_000, Producers: 4, Consumers: 4));
        yield return FlowOf("neighbours", new FlowPlan(Way.Stream, 10_000_000, Consumers: 3));
        yield return FlowOf("slow-neighbour", new FlowPlan(Way.Stream, 10_000_000, Consumers: 4, StoppedConsumers: 1));
        yield return new("large", Us, "rate", "MiB/s", s => Flow.Run(new FlowPlan(Way.Stream, N(2000, s), ItemBytes: 1 << 20)).ItemsPerSecond);
        yield return OfPython("large", "multiprocessing.Queue", "rate", "MiB/s", s => Python.LargeMegabytesPerSecond(N(1000, s)));
        yield return new("deep", Us, Deep);
        yield return new("many", Us, Many);
        yield return new("idle", Us, "processor time", "s in 30 s", s => Resources.Idle(N(IdleSeconds, s)) / s);
        yield return new("restart-1", Us, "first put", "ms", _ => Resources.Restart(clients: 1));
        yield return new("restart-1000", Us, "last put", "ms", s => Resources.Restart(N(1000, s)));
        yield return new("spawn", Us, "first item", "ms", _ => Resources.Spawn());
        yield return new("spawn-empty", ".NET", "first line", "ms", _ => Resources.SpawnEmpty());
        foreach (var scenario in OnDisk().Concat(Latencies()).Concat(Scaling()))
        {
            yield return scenario;
        }
    }

    /// <summary>Queues on disk, and what else keeps items there, all on the same disk.</summary>
    private static IEnumerable<Scenario> OnDisk()
    {
        yield return new("durable-stream", Floor, s =>
        {
            var perPiece = PieceBytes / ItemBytes * 1e6;
            return [new(Rate, Rate, perPiece / RawDisk.AppendMicros(PieceBytes, N(3000, s))), new("written over", Rate, perPiece / RawDisk.WriteOverMicros(PieceBytes, N(3000, s)))];
        });
        yield return FlowOf("durable-stream", new FlowPlan(Way.Stream, 20_000_000, OnDisk: true));
        yield return FlowOf("durable-bounded", new FlowPlan(Way.Stream, 20_000_000, OnDisk: true, Capacity: 50_000));
        yield return OfRedis("durable-stream", s => RedisList.DurableStreamItemsPerSecond(N(3_000_000, s)));
        yield return OfBeanstalkd("durable-stream", Rate, s => Beanstalkd.StreamItemsPerSecond(N(20_000, s)));
        yield return FlowOf("durable-lease", new FlowPlan(Way.Lease, 4_000_000, OnDisk: true));
        yield return new("durable-put", Floor, s => [new("put", "µs", RawDisk.AppendMicros(ItemBytes, N(5000, s))), new("written over", "µs", RawDisk.WriteOverMicros(ItemBytes, N(5000, s)))]);
        yield return new("durable-put", Us, s => OfPuts(Durable.Puts(N(10_000, s))));
        yield return OfRedis("durable-put", s => RedisList.DurablePutMicros(N(5000, s)), "put", "µs");
        yield return OfBeanstalkd("durable-put", "put", s => Beanstalkd.PutMicros(N(5000, s)), "µs");
        yield return new("durable-put-64", Us, PutRate, PutRate, s => Durable.PutsPerSecond(N(300_000, s)));
        yield return OfRedis("durable-put-64", s => RedisList.DurablePutsPerSecond(Durable.Callers, N(300_000, s)), PutRate);
        yield return OfBeanstalkd("durable-put-64", PutRate, s => Beanstalkd.PutsPerSecond(N(20_000, s)));
        yield return new("durable-put-busy", Us, s => OfPuts(Durable.PutsBesideStream(N(5000, s))));
        yield return new("durable-start", Us, s => OfStart(Durable.Start(N(1_000_000, s))));
        yield return new("durable-start-10m", Us, s => OfStart(Durable.Start(N(10_000_000, s))));
        yield return new("durable-file", Us, s =>
        {
            var (megabytes, items) = Durable.FileSize(TimeSpan.FromSeconds(FileSeconds * s));
            return [new("at most", "MB", megabytes), new("put", "items", items)];
        });
    }

    /// <summary>So many items a second for so long, whatever the answers do: what each took until another process had it.</summary>
    private static IEnumerable<Scenario> Latencies()
    {
        foreach (var perSecond in (int[])[1000, 10_000, 30_000])
        {
            var name = $"{LatencyPrefix}{perSecond}";
            int Count(double scale) => N(LatencySeconds * perSecond, scale);
            yield return new(name, Us, s => OfLatency(Latency.OfQueue(perSecond, Count(s))));
            yield return new(name, "multiprocessing.Queue", s => OfLatency(Python.Latency(perSecond, Count(s)))) { Absent = Python.IsHere ? null : "python3" };
            yield return new(name, Redis, s => OfLatency(RedisList.Latency(perSecond, Count(s)))) { Absent = RedisList.IsHere ? null : "redis-server" };
            yield return new(name, "NATS subject", s => OfLatency(NatsSubject.Latency(isJetStream: false, perSecond, Count(s)))) { Absent = NatsSubject.IsHere ? null : "nats-server" };
            yield return new(name, "NATS JetStream", s => OfLatency(NatsSubject.Latency(isJetStream: true, perSecond, Count(s)))) { Absent = NatsSubject.IsHere ? null : "nats-server" };
        }
    }

    private static IEnumerable<Sample> OfLatency(double[] micros) =>
        Latency.Parts.Zip(micros, (part, value) => new Sample(part == 1 ? "max" : $"p{part * 100:0.##}", "µs", value)).Append(new("p99.9 ÷ p50", "× p50", micros[3] / micros[0]));

    /// <summary>What puts took: the middle, how many one caller makes of it in a second, the slowest of a thousand, and that against the middle.</summary>
    private static IEnumerable<Sample> OfPuts(double[] micros)
    {
        var (middle, slow) = (Statistics.Median(micros), Statistics.Quantile(micros, 0.999));
        return [new("put", "µs", middle), new(PutRate, PutRate, micros.Length * 1e6 / micros.Sum()), new("p99.9", "µs", slow), new("p99.9 ÷ p50", "× p50", slow / middle)];
    }

    private static IEnumerable<Sample> OfStart((double Seconds, double Megabytes) start) => [new("first get", "s", start.Seconds), new("memory", "MB", start.Megabytes)];

    private static Scenario OfBeanstalkd(string name, string metric, Func<double, double> run, string? unit = null) =>
        new(name, "beanstalkd", metric, unit ?? metric, run) { Absent = Beanstalkd.IsHere ? null : "beanstalkd" };

    private static Scenario OfPython(string name, string system, string metric, string unit, Func<double, double> run) =>
        new(name, system, metric, unit, run) { Absent = Python.IsHere ? null : "python3" };

    private static Scenario OfRedis(string name, Func<double, double> run, string metric = Rate, string? unit = null) =>
        new(name, Redis, metric, unit ?? metric, run) { Absent = RedisList.IsHere ? null : "redis-server" };

    private static IEnumerable<Scenario> Scaling()
    {
        foreach (var consumers in new[] { 1, 2, 4, 8, 16, 64 })
        {
            yield return FlowOf($"{ConsumersPrefix}{consumers}", new FlowPlan(Way.Stream, 10_000_000, Consumers: consumers));
        }

        foreach (var bytes in new[] { 0, 64, 1024, 16 * 1024, 256 * 1024, 4 << 20 })
        {
            var count = (int)Math.Min(10_000_000, (1L << 30) / Math.Max(1, bytes));
            yield return FlowOf($"{BytesPrefix}{bytes}", new FlowPlan(Way.Stream, count, ItemBytes: bytes));
        }
    }

    public static IEnumerable<Goal> Goals()
    {
        yield return new("rtt", "round trip", "raw", "named pipe", AtMost: true, 4);
        yield return new("rtt", "round trip", "rtt", "multiprocessing.Queue", AtMost: true, 0.6);
        yield return new("put", "put", "raw", "named pipe", AtMost: true, 1.6);
        yield return new("naive", Rate, "naive", "Manager().Queue()", AtMost: false, 8);
        yield return new("naive", Rate, "stream", "multiprocessing.Queue", AtMost: false, 0.5);
        yield return new("stream", Rate, null, null, AtMost: false, 3_000_000);
        yield return new("stream", Rate, "stream", "multiprocessing.Queue", AtMost: false, 35);
        yield return new("stream", Rate, "stream", "NetMQ", AtMost: false, 5);
        yield return new("stream", Rate, "relay", "named pipe", AtMost: false, 0.45);
        yield return new("stream-typed", Rate, null, null, AtMost: false, 1_200_000);
        yield return new("pipelined", Rate, null, null, AtMost: false, 400_000);
        yield return new("fan-stream", Rate, "stream", Us, AtMost: false, 0.8);
        yield return new("fan-stream", "unfairness", null, null, AtMost: true, 0.25);
        yield return new("fan-naive", Rate, "naive", Us, AtMost: false, 0.8);
        yield return new("fan-naive", "unfairness", null, null, AtMost: true, 0.25);
        yield return new("slow-neighbour", Rate, "neighbours", Us, AtMost: false, 0.9);
        yield return new("large", "rate", "large", "multiprocessing.Queue", AtMost: false, 2.5);
        yield return new("lease", Rate, "stream", Us, AtMost: false, 0.5);
        yield return new("channel", Rate, "stream", Us, AtMost: false, 0.7);
        yield return new("deep", "memory", null, null, AtMost: true, 120);
        yield return new("deep", "slowdown", null, null, AtMost: true, 1.2);
        yield return new("many", "per connection", null, null, AtMost: true, 100);
        yield return new("many", "per queue", null, null, AtMost: true, 2);
        yield return new("many", "slowdown", null, null, AtMost: true, 1.3);
        yield return new("idle", "processor time", null, null, AtMost: true, 0.1);
        yield return new("restart-1", "first put", null, null, AtMost: true, 50);
        yield return new("restart-1000", "last put", null, null, AtMost: true, 3000);
        yield return new("spawn", "first item", "spawn-empty", ".NET", AtMost: true, 1.5);
        yield return new("latency-10000", "p99", "latency-10000", Redis, AtMost: true, 0.5, "p99");
        yield return new("latency-10000", "p99", "latency-10000", "NATS subject", AtMost: true, 0.5, "p99");
        yield return new("latency-10000", "p99", "latency-10000", "NATS JetStream", AtMost: true, 0.5, "p99");
        yield return new("latency-10000", "p99", "latency-10000", "multiprocessing.Queue", AtMost: true, 1.5, "p99");
        yield return new("latency-10000", "p99.9 ÷ p50", null, null, AtMost: true, 10);
        yield return new("durable-stream", Rate, null, null, AtMost: false, 2_000_000);
        yield return new("durable-stream", Rate, "durable-stream", Redis, AtMost: false, 3);
        yield return new("durable-stream", Rate, "durable-stream", Floor, AtMost: false, 0.6);
        yield return new("durable-put", "put", "durable-put", Floor, AtMost: true, 1.5);
        yield return new("durable-put-64", PutRate, "durable-put-64", Redis, AtMost: false, 1.3);
        yield return new("durable-put-64", PutRate, "durable-put", Us, AtMost: false, 12, PutRate);
        yield return new("durable-lease", Rate, null, null, AtMost: false, 300_000);
        yield return new("durable-put-busy", "p99.9 ÷ p50", null, null, AtMost: true, 20);
        yield return new("durable-start", "first get", null, null, AtMost: true, 1);
        yield return new("durable-start-10m", "first get", null, null, AtMost: true, 5);
        yield return new("durable-file", "at most", null, null, AtMost: true, 64);
    }

    private static Scenario FlowOf(string name, FlowPlan plan) => new(name, Us, scale =>
    {
        var result = Flow.Run(plan with { Count = N(plan.Count, scale) });
        return plan.Consumers == 1
            ? [new Sample(Rate, Rate, result.ItemsPerSecond)]
            : [new Sample(Rate, Rate, result.ItemsPerSecond), new Sample("unfairness", "of an equal share", result.Unfairness)];
    });

    private static IEnumerable<Sample> Deep(double scale)
    {
        var (megabytes, slowdown) = Resources.Deep(N(1_000_000, scale));
        return [new("memory", "MB", megabytes), new("slowdown", "× depth 1", slowdown)];
    }

    private static IEnumerable<Sample> Many(double scale)
    {
        var (connection, queue, slowdown) = Resources.Many(N(1000, scale), N(10_000, scale));
        return [new("per connection", "kB", connection), new("per queue", "kB", queue), new("slowdown", "× alone", slowdown)];
    }

    private static int N(int count, double scale) => Math.Max(1, (int)(count * scale));
}
