using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace QueueIpc.Sqlite;

/// <summary>What can be watched of the stores of this process.</summary>
internal static class StorageMetrics
{
    private static readonly Histogram<double> CommitDuration = Telemetry.Meter.CreateHistogram<double>("queueipc.storage.commit.duration", "s", "How long a commit took, its flush included.");

    private static readonly Histogram<long> CommitWrites = Telemetry.Meter.CreateHistogram<long>("queueipc.storage.commit.writes", "{write}", "How many writes of queues one commit kept.");

    private static readonly Histogram<long> CommitItems = Telemetry.Meter.CreateHistogram<long>("queueipc.storage.commit.items", "{item}", "How many items one commit was about: put, done with, or with another fate.");

    private static readonly ConcurrentDictionary<DataDirectory, bool> Open = [];

    static StorageMetrics()
    {
        _ = Telemetry.Meter.CreateObservableUpDownCounter("queueipc.storage.bytes", () => Each(place => place.Bytes), "By", "Bytes of the database and its log.");
        _ = Telemetry.Meter.CreateObservableGauge("queueipc.storage.free", () => Each(place => place.FreeBytes), "By", "Bytes that are free on the disk.");
    }

    public static bool CountsItems => CommitItems.Enabled;

    public static void Opened(DataDirectory place) => Open[place] = true;

    public static void Closed(DataDirectory place) => Open.TryRemove(place, out _);

    public static void Committed(TimeSpan duration, int writes)
    {
        CommitDuration.Record(duration.TotalSeconds);
        CommitWrites.Record(writes);
    }

    public static void CommittedItems(long items) => CommitItems.Record(items);

    private static List<Measurement<long>> Each(Func<DataDirectory, long> measure)
    {
        var measured = new List<Measurement<long>>();
        foreach (var place in Open.Keys)
        {
            try
            {
                measured.Add(new Measurement<long>(measure(place), new KeyValuePair<string, object?>("queueipc.storage.directory", place.Path)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A disk that is gone has no number.
            }
        }

        return measured;
    }
}
