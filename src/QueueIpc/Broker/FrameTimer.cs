namespace QueueIpc.Broker;

/// <summary>Sees to it that a frame which has begun becomes whole in time. Costs nothing where frames come whole.</summary>
internal sealed class FrameTimer(IClock clock, TimeSpan timeout, Action tooLate) : Due
{
    private readonly long _timeoutMicros = (long)timeout.TotalMicroseconds;
    private long _began;
    private int _isScheduled;

    /// <summary>A part of a frame has come. Does nothing if its time runs already.</summary>
    public void Start()
    {
        if (_began == 0)
        {
            Volatile.Write(ref _began, clock.Now);
            Schedule();
        }
    }

    public void Stop() => Volatile.Write(ref _began, 0);

    /// <summary>Nothing more will come.</summary>
    public void End()
    {
        Stop();
        clock.Forget(this);
    }

    public override void OnDue(long now)
    {
        // From here on Start schedules again; what it started before that is seen below.
        Interlocked.Exchange(ref _isScheduled, 0);
        var began = Volatile.Read(ref _began);
        if (began == 0)
        {
            return;
        }

        if (now - began >= _timeoutMicros)
        {
            tooLate();
        }
        else
        {
            Schedule();
        }
    }

    private void Schedule()
    {
        var began = Volatile.Read(ref _began);
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            clock.Schedule(this, began + _timeoutMicros);
        }
    }
}
