namespace QueueIpc.Chaos;

/// <summary>How far the run is: by the clock or, where that is slower, by the items that went through.</summary>
internal sealed class Pace(ChaosOptions options, BrokerWatch watch)
{
    private const long CountAgainMicros = 200_000;

    private readonly long _start = Clock.Now;
    private readonly long _length = options.Seconds * 1_000_000L;
    private long _items;
    private long _countedAt;

    public bool IsOver => Elapsed >= _length;

    /// <summary>Microseconds of the plan that are over.</summary>
    public long Elapsed
    {
        get
        {
            var byClock = Clock.Now - _start;
            return options.Items == 0 ? byClock : Math.Min(byClock, (long)((double)_length * Items() / options.Items));
        }
    }

    private long Items()
    {
        if (Clock.Now >= _countedAt + CountAgainMicros)
        {
            (_items, _countedAt) = (watch.CountItems(), Clock.Now);
        }

        return _items;
    }
}
