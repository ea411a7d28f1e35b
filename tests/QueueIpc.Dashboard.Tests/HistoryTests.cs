namespace QueueIpc.Dashboard.Tests;

/// <summary>History has a fixed size, however long somebody watches, and however many queues there are.</summary>
public sealed class HistoryTests
{
    private const int BytesOfAQueueMax = 64 << 10;
    private const long BytesMax = 32L << 20;

    [Fact]
    public void History_OfAQueueThatWasWatchedForDays_TakesWhatIsSaid()
    {
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<int>("jobs");
        var info = queue.GetInfo();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var history = new QueueHistory();
        for (var look = 0; look < 500_000; look++)
        {
            history.Add(info, look, secondsSinceLast: 0.5);
        }

        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(bytes, QueueHistory.MinutesSamples, BytesOfAQueueMax);
        // And a name, and a place in a table, for each.
        Assert.True((bytes + 512) * BrokerWatch.QueuesRemembered <= BytesMax, $"{bytes} bytes for each of {BrokerWatch.QueuesRemembered} queues");
        Assert.Equal(QueueHistory.MinutesSamples, history.Minutes.Count());
        Assert.Equal(QueueHistory.HourSamples, history.Hour.Count());
    }
}
