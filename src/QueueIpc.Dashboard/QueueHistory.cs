namespace QueueIpc.Dashboard;

/// <summary>One look at a queue: how much is ready, how long the oldest waits (in seconds), and items in and out per second since the look before.</summary>
internal readonly record struct Sample(float Ready, float Oldest, float In, float Out);

/// <summary>What a queue was like in the last two minutes, and in the last hour: rings of a fixed size, some 10 KB.</summary>
internal sealed class QueueHistory
{
    public const int MinutesSamples = 240;
    public const int HourSamples = 360;
    private const int SamplesPerHourSample = 20;

    private readonly Ring _minutes = new(MinutesSamples);
    private readonly Ring _hour = new(HourSamples);
    private long _put;
    private long _taken;
    private long _seenAt = -1;
    private int _count;

    public IEnumerable<Sample> Minutes => _minutes.InOrder;

    public IEnumerable<Sample> Hour => _hour.InOrder;

    public Sample Last { get; private set; }

    public void Add(QueueInfo queue, long timestamp, double secondsSinceLast)
    {
        var (inRate, outRate) = _seenAt < 0 || secondsSinceLast <= 0
            ? (0f, 0f)
            : ((float)(Math.Max(0, queue.TotalPut - _put) / secondsSinceLast), (float)(Math.Max(0, queue.TotalTaken - _taken) / secondsSinceLast));
        (_put, _taken, _seenAt) = (queue.TotalPut, queue.TotalTaken, timestamp);
        Last = new Sample(queue.Ready, (float)queue.OldestAge.TotalSeconds, inRate, outRate);
        _minutes.Add(Last);
        if (_count++ % SamplesPerHourSample == 0)
        {
            _hour.Add(Last);
        }
    }

    private sealed class Ring(int size)
    {
        private readonly Sample[] _samples = new Sample[size];
        private int _next;
        private int _used;

        public IEnumerable<Sample> InOrder => Enumerable.Range(0, _used).Select(i => _samples[(_next - _used + i + _samples.Length) % _samples.Length]);

        public void Add(Sample sample)
        {
            _samples[_next] = sample;
            _next = (_next + 1) % _samples.Length;
            _used = Math.Min(_used + 1, _samples.Length);
        }
    }
}
