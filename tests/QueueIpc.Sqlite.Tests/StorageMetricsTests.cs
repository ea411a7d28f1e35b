using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests;

public sealed class StorageMetricsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<(string Instrument, double Value, string? Directory)> _measured = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Broker_WithAStorage_SaysWhatACommitHasAndHowMuchSpaceThereIs()
    {
        using var listener = Listen();
        using (var broker = QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(_directory.Path) }))
        using (var queue = broker.OpenQueue<int>("jobs"))
        {
            queue.PutMany(Enumerable.Range(0, 1000));
            queue.AckMany(queue.LeaseMany(10, Times.Long));
            listener.RecordObservableInstruments();
        }

        Assert.InRange(Values("queueipc.storage.commit.items").Sum(), 1010, double.MaxValue);
        Assert.NotEmpty(Values("queueipc.storage.commit.duration"));
        Assert.InRange(Assert.Single(Ours("queueipc.storage.bytes")), 1000, 100_000_000);
        Assert.InRange(Assert.Single(Ours("queueipc.storage.free")), 1, double.MaxValue);

        var document = Repository.Read("docs/operations.md");
        Assert.Equal(5, _measured.Select(one => one.Instrument).Distinct().Count());
        Assert.All(_measured.Select(one => one.Instrument).Distinct(), name => Assert.Contains($"| `{name}` |", document, StringComparison.Ordinal));

        // A broker that has ended has no disk any more.
        listener.RecordObservableInstruments();
        Assert.Single(Ours("queueipc.storage.free"));
    }

    private IEnumerable<double> Values(string instrument) => _measured.Where(one => one.Instrument == instrument).Select(one => one.Value);

    private IEnumerable<double> Ours(string instrument) => _measured.Where(one => one.Instrument == instrument && one.Directory == _directory.Path).Select(one => one.Value);

    private MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name.StartsWith("queueipc.storage", StringComparison.Ordinal))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue((instrument.Name, value, tags is [{ Key: "queueipc.storage.directory", Value: string directory }] ? directory : null));
}
