namespace QueueIpc.Pools;

/// <summary>
/// Which job goes to which worker, and what becomes of it when that one dies. Each job is with one worker at a time, so it has one end. Nothing but decisions:
/// whoever asks carries them out, and lets nobody else ask meanwhile.
/// </summary>
internal sealed class PoolPlan(int maxFailures, int maxJobsPerWorker)
{
    private readonly PriorityQueue<PoolJob, long> _waiting = new();
    private readonly List<PoolSeat> _seats = [];
    private long _lastId;

    public IReadOnlyList<PoolSeat> Seats => _seats;

    /// <summary>How many jobs wait for a worker.</summary>
    public int Waiting { get; private set; }

    public void Add(PoolJob job)
    {
        job.Id = ++_lastId;
        Wait(job);
    }

    public void Add(PoolSeat seat) => _seats.Add(seat);

    /// <summary>Nobody wants the job any more. Answers who has it; null when nobody has.</summary>
    public PoolSeat? GiveUp(PoolJob job, long now)
    {
        if (job.GivenUpAt == long.MaxValue)
        {
            job.GivenUpAt = now;
            Waiting -= job.IsWaiting ? 1 : 0;
        }

        return job.Seat;
    }

    /// <summary>The worker has not begun the job, and will not: it waits again.</summary>
    public void NotBegun(PoolSeat seat, long id)
    {
        if (seat.Take(id) is { } job)
        {
            Wait(job);
        }
    }

    /// <summary>
    /// The worker has ended. What it had in its hand has failed once more, unless it never came to the worker; it is answered when that was once too often. All the rest waits again.
    /// </summary>
    public PoolJob? Ended(PoolSeat seat, IReadOnlyCollection<long> neverArrived)
    {
        _seats.Remove(seat);
        PoolJob? lost = null;
        foreach (var job in seat.Hand)
        {
            job.Seat = null;
            if (ReferenceEquals(job, seat.Hand[0]) && !neverArrived.Contains(job.Id) && ++job.Failures >= maxFailures)
            {
                lost = job;
            }
            else
            {
                Wait(job);
            }
        }

        seat.Hand.Clear();
        return lost;
    }

    /// <summary>The next job for a worker; false when all have enough, or nothing waits. Those who have least come first.</summary>
    public bool TryHandOut(out PoolSeat seat, out PoolJob job)
    {
        (seat, job) = (null!, null!);
        if (!SkipGivenUp() || Poorest() is not { } poorest)
        {
            return false;
        }

        (seat, job) = (poorest, _waiting.Dequeue());
        Waiting--;
        (job.Seat, job.IsWaiting) = (seat, false);
        seat.Hand.Add(job);
        seat.Given++;
        seat.IsRetiring = maxJobsPerWorker > 0 && seat.Given >= maxJobsPerWorker;
        return true;
    }

    /// <summary>Whoever has more than what is in his hand, while another has nothing and nothing waits, is asked for it, once.</summary>
    public PoolSeat? WhomToAsk()
    {
        if (Waiting > 0 || !_seats.Exists(seat => seat is { IsReady: true, IsRetiring: false, Hand.Count: 0 }))
        {
            return null;
        }

        var rich = _seats.Find(seat => !seat.IsAsked && seat.Hand.Count > 1);
        if (rich is not null)
        {
            rich.IsAsked = true;
        }

        return rich;
    }

    /// <summary>All jobs that have not come to an end.</summary>
    public List<PoolJob> All() => [.. _waiting.UnorderedItems.Select(waiting => waiting.Element), .. _seats.SelectMany(seat => seat.Hand)];

    private void Wait(PoolJob job)
    {
        if (job.GivenUpAt == long.MaxValue && !job.IsOver)
        {
            _waiting.Enqueue(job, job.Id);
            job.IsWaiting = true;
            Waiting++;
        }
    }

    private bool SkipGivenUp()
    {
        while (_waiting.TryPeek(out var job, out _))
        {
            if (job.GivenUpAt == long.MaxValue)
            {
                return true;
            }

            _waiting.Dequeue();
        }

        return false;
    }

    private PoolSeat? Poorest()
    {
        PoolSeat? poorest = null;
        foreach (var seat in _seats)
        {
            if (seat.IsReady && !seat.IsRetiring && seat.Hand.Count < seat.Ahead && (poorest is null || seat.Hand.Count < poorest.Hand.Count))
            {
                poorest = seat;
            }
        }

        return poorest;
    }
}
