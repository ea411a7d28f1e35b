namespace QueueIpc.Tests.Simulation;

/// <summary>The one time of a simulation, in microseconds. It passes when the simulation says so.</summary>
internal sealed class SimulatedTime
{
    public long Now { get; set; } = 1_000_000;
}

/// <summary>The clock of one process. It calls nobody by itself: the simulation says when its thread gets to run, in time or late.</summary>
internal sealed class SimulatedClock(SimulatedTime time) : IClock
{
    private readonly PriorityQueue<Due, (long At, long Turn)> _due = new();
    private long _turns;

    public long Now => time.Now;

    /// <summary>When it has something to do next.</summary>
    public long NextDue => _due.TryPeek(out _, out var next) ? next.At : long.MaxValue;

    public void Schedule(Due target, long at)
    {
        if (!WillCall(target, at))
        {
            Forget(target);
            _due.Enqueue(target, (at, _turns++));
        }
    }

    public void Forget(Due target) => _due.Remove(target, out _, out _);

    public bool TryTakeDue(out Due target)
    {
        target = null!;
        return NextDue <= Now && _due.TryDequeue(out target!, out _);
    }

    /// <summary>Time passes, and whoever is due in it is called just then.</summary>
    public void Advance(TimeSpan by)
    {
        var end = Now + (long)by.TotalMicroseconds;
        while (NextDue <= end)
        {
            time.Now = Math.Max(Now, NextDue);
            RunDue();
        }

        time.Now = end;
    }

    /// <summary>Calls whoever is due by now.</summary>
    public void RunDue()
    {
        while (TryTakeDue(out var target))
        {
            target.OnDue(Now);
        }
    }

    /// <summary>Takes whatever is due and of this kind, before its turn.</summary>
    public bool TryTakeDue<T>(out Due target)
    {
        target = _due.UnorderedItems.FirstOrDefault(item => item.Element is T && item.Priority.At <= Now).Element;
        return target is not null && _due.Remove(target, out _, out _);
    }

    /// <summary>Whether <paramref name="target"/> will be called at <paramref name="by"/>, or before.</summary>
    public bool WillCall(Due target, long by) =>
        _due.UnorderedItems.Any(item => ReferenceEquals(item.Element, target) && item.Priority.At <= by);
}
