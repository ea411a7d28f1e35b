using System.Text.RegularExpressions;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Hosting.Tests.Observability;

public sealed partial class MetricTests : IDisposable
{
    private readonly List<MetricSnapshot> _collected = [];
    private readonly MeterProvider _provider;
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly QueueClient _client;
    private readonly IpcQueue<int> _jobs;

    public MetricTests()
    {
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter("QueueIpc").AddInMemoryExporter(_collected).Build();
        _client = QueueClient.Connect(_broker.Endpoint);
        _jobs = _client.OpenQueue<int>("jobs", new QueueOptions { MaxFailures = 2 });
    }

    public void Dispose()
    {
        _provider.Dispose();
        _client.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public async Task Broker_Watched_SaysWhatIsInTheQueueAndWhatBecameOfItems()
    {
        _jobs.PutMany([1, 2, 3, 4, 5, 6]);
        _jobs.Get();
        using var held = _jobs.Lease();
        using (var lease = _jobs.Lease())
        {
            lease.Nack(TimeSpan.FromDays(1));
        }

        using (var lease = _jobs.Lease())
        {
            lease.Release();
        }

        using (var lease = _jobs.Lease())
        {
            lease.DeadLetter("for the count");
        }

        using var waiting = new CancellationTokenSource();
        using var other = _client.OpenQueue<int>("empty");
        var get = other.GetAsync(waiting.Token).AsTask();
        Eventually.True(() => other.GetInfo().WaitingGets == 1);

        Collect();

        Assert.Equal(new() { ["ready"] = 2, ["delayed"] = 1, ["held"] = 1, ["dead"] = 1 }, By("queueipc.queue.items", "state", "jobs"));
        Assert.Equal(5, Value("queueipc.queue.bytes"));
        Assert.True(Gauge("queueipc.queue.oldest_age") > 0);
        Assert.Equal((6, 5, 1, 1), (Value("queueipc.queue.put"), Value("queueipc.queue.delivered"), Value("queueipc.queue.acked"), Value("queueipc.queue.dead")));
        Assert.Equal(new() { ["nacked"] = 1, ["released"] = 1, ["expired"] = 0, ["disconnected"] = 0, ["unread"] = 0 }, By("queueipc.queue.returned", "reason", "jobs"));
        Assert.Equal(1, By("queueipc.queue.waiters", "kind", "empty")["get"]);
        Assert.Equal(1, Points("queueipc.broker.connections").Where(IsOurs).Single().GetSumLong());
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
    }

    [Fact]
    public void Broker_UnnamedQueues_AreOneSeriesAndCountOnWhenTheyAreGone()
    {
        var before = Anonymous();
        using (var gone = IpcQueue.Create<int>())
        {
            gone.PutMany([1, 2, 3]);
        }

        using var there = IpcQueue.Create<int>();
        there.Put(4);
        Eventually.True(() => Anonymous() == before + 4);

        long Anonymous()
        {
            Collect();
            return Points("queueipc.queue.put").Where(point => Tag(point, "messaging.destination.anonymous") is true).Sum(point => point.GetSumLong());
        }
    }

    [Fact]
    public async Task Client_Watched_CountsItemsAndMeasuresCallsAndLeases()
    {
        _jobs.Put(1);
        _jobs.PutMany([2, 3]);
        await _jobs.PutAsync(4, CancellationToken.None);
        _jobs.Get();
        _jobs.GetMany(1, TimeSpan.Zero);
        Assert.False(_client.OpenQueue<int>("empty").TryGet(out _));
        using (var lease = _jobs.Lease())
        {
            lease.Ack();
        }

        using (var lease = _jobs.Lease())
        {
            lease.Nack();
        }

        _jobs.Complete();
        var rest = await _jobs.ReadAllAsync(TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([4], rest);
        Assert.Throws<QueueCompletedException>(() => _jobs.Put(5));

        Collect();

        Assert.Equal(4, Points("messaging.client.sent.messages").Where(Is("jobs")).Where(point => Tag(point, "error.type") is null).Sum(point => point.GetSumLong()));
        Assert.Equal(5, Points("messaging.client.consumed.messages").Where(Is("jobs")).Sum(point => point.GetSumLong()));
        var durations = Points("messaging.client.operation.duration").Where(Is("jobs")).ToDictionary(point => $"{Tag(point, "messaging.operation.name")} {Tag(point, "error.type")}".Trim(), point => point.GetHistogramCount());
        Assert.Equal(new() { ["put"] = 3, ["put completed"] = 1, ["get"] = 4 }, durations);
        var processed = Points("messaging.process.duration").Where(Is("jobs")).ToDictionary(point => $"{Tag(point, "error.type")}", point => point.GetHistogramCount());
        Assert.Equal(new() { [""] = 1, ["nacked"] = 1 }, processed);
    }

    [Fact]
    public void Instruments_All_AreInTheDocumentWithKindAndUnit()
    {
        _jobs.Put(1);
        using (var lease = _jobs.Lease())
        {
            lease.Ack();
        }

        RestartABroker();
        Collect();

        // Those of storages are held against it where storages are tested.
        var documented = InstrumentRow().Matches(Repository.Read("docs/operations.md")).Where(row => !row.Groups["name"].Value.StartsWith("queueipc.storage.", StringComparison.Ordinal)).Select(row => $"{row.Groups["name"].Value} {KindOf(row.Groups["kind"].Value)} {row.Groups["unit"].Value}");
        Assert.Equal(documented.Order(), _collected.Select(metric => $"{metric.Name} {metric.MetricType} {metric.Unit}").Order());
    }

    private static void RestartABroker()
    {
        var options = new QueueBrokerOptions { Name = $"metrics-{Guid.NewGuid():N}" };
        var first = QueueBroker.Start(options);
        using var client = QueueClient.Connect(first.Endpoint);
        using var queue = client.OpenQueue<int>("restarted");
        first.Dispose();
        using var second = QueueBroker.Start(options);
        Assert.Equal(0, queue.Count);
    }

    private static MetricType KindOf(string documented) => documented switch
    {
        "counter" => MetricType.LongSum,
        "up-down counter" => MetricType.LongSumNonMonotonic,
        "gauge" => MetricType.DoubleGauge,
        "histogram" => MetricType.Histogram,
        _ => throw new ArgumentOutOfRangeException(nameof(documented), documented, "No kind of instrument is called that."),
    };

    [GeneratedRegex("^\\| `(?<name>[a-z_.]+)` \\| (?<kind>[a-z-]+( counter)?) \\| `(?<unit>[^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();

    private void Collect()
    {
        _collected.Clear();
        Assert.True(_provider.ForceFlush());
    }

    private IEnumerable<MetricPoint> Points(string name) => _collected.Where(metric => metric.Name == name).SelectMany(metric => metric.MetricPoints);

    private long Value(string name) => Points(name).Single(Is("jobs")).GetSumLong();

    private double Gauge(string name) => Points(name).Single(Is("jobs")).GetGaugeLastValueDouble();

    private Dictionary<string, long> By(string name, string tag, string queue) =>
        Points(name).Where(Is(queue)).ToDictionary(point => (string)Tag(point, tag)!, point => point.GetSumLong());

    private Func<MetricPoint, bool> Is(string queue) => point => IsOurs(point) && Tag(point, "messaging.destination.name") is string name && name == queue;

    private bool IsOurs(MetricPoint point) => Tag(point, "server.address") is string server && server == _broker.Endpoint;

    private static object? Tag(MetricPoint point, string name)
    {
        foreach (var tag in point.Tags)
        {
            if (tag.Key == name)
            {
                return tag.Value;
            }
        }

        return null;
    }
}
