using System.Diagnostics.Metrics;

namespace QueueIpc.Sqlite;

/// <summary>What can be watched of the stores of this process.</summary>
internal static class StorageMetrics
{
    private static readonly Histogram<double> CommitDuration = Telemetry.Meter.CreateHistogram<double>("queueipc.storage.commit.duration", "s", "How long a commit took, its flush included.");

    private static readonly Histogram<long> CommitWrites = Telemetry.Meter.CreateHistogram<long>("queueipc.storage.commit.writes", "{write}", "How many writes of queues one commit kept.");

    public static void Committed(TimeSpan duration, int writes)
    {
        CommitDuration.Record(duration.TotalSeconds);
        CommitWrites.Record(writes);
    }
}
