namespace QueueIpc.Pools;

/// <summary>One worker of a pool, as the plan sees it: what it was given, and how fast it is.</summary>
internal class PoolSeat
{
    private const int AheadMin = 2;
    private const int AheadMax = 16;

    /// <summary>So much work lies ready with a worker, but for one job at least: the time in which the next comes.</summary>
    private const int AheadMicros = 2_000;

    private int _averageMicros = AheadMicros;

    /// <summary>The jobs that it was given and that have not come to an end, in order: the first is in its hand.</summary>
    public List<PoolJob> Hand { get; } = [];

    /// <summary>Whether it has said that it can begin.</summary>
    public bool IsReady { get; set; }

    /// <summary>Whether it gets no more: it has done as many jobs as it may.</summary>
    public bool IsRetiring { get; set; }

    /// <summary>Whether it was asked for what it has not begun, and has not answered all.</summary>
    public bool IsAsked { get; set; }

    public int Given { get; set; }

    /// <summary>How many jobs it may have: the one in its hand, and the next ones.</summary>
    public int Ahead => Math.Clamp(AheadMicros / Math.Max(1, _averageMicros), AheadMin, AheadMax);

    public PoolJob? InHand => Hand.Count > 0 ? Hand[0] : null;

    /// <summary>Takes a job from it that has come to an end there; null when it does not have it.</summary>
    public PoolJob? Take(long id)
    {
        var at = Hand.FindIndex(job => job.Id == id);
        if (at < 0)
        {
            return null;
        }

        var job = Hand[at];
        Hand.RemoveAt(at);
        job.Seat = null;
        return job;
    }

    /// <summary>A job took so long. A long one counts at once: nothing shall wait behind the next.</summary>
    public void Measure(int micros) => _averageMicros = micros > _averageMicros ? micros : (int)(((long)_averageMicros * 7 + micros) / 8);
}
