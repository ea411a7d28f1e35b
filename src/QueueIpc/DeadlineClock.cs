namespace QueueIpc;

/// <summary>Something that wants to be called when its time has come.</summary>
internal interface IDue
{
    /// <summary>Does all that is due. It asks the clock again if there is more to come.</summary>
    void OnDue(long now);
}

/// <summary>
/// One thread that sleeps until the next deadline, for everyone. A thread of its own, because deadlines are promises
/// and the thread pool may be busy with the user's work.
/// </summary>
internal sealed class DeadlineClock : IClock, IDisposable
{
    private readonly Lock _startLock = new();
    private readonly object _lock = new();
    private readonly PriorityQueue<IDue, long> _due = new();
    private Thread? _thread;
    private bool _stopped;

    public long Now => MonotonicClock.Now;

    public void Schedule(IDue target, long at)
    {
        EnsureThread();
        lock (_lock)
        {
            var isEarliest = !_due.TryPeek(out _, out var earliest) || at < earliest;
            _due.Enqueue(target, at);
            if (isEarliest)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            _due.Clear();
            Monitor.Pulse(_lock);
        }
    }

    private void EnsureThread()
    {
        if (_thread is not null)
        {
            return;
        }

        lock (_startLock)
        {
            _thread ??= BackgroundThread.Start("QueueIpc clock", Run);
        }
    }

    private void Run()
    {
        while (NextDue() is { } target)
        {
            target.OnDue(MonotonicClock.Now);
        }
    }

    private IDue? NextDue()
    {
        lock (_lock)
        {
            while (!_stopped)
            {
                if (!_due.TryPeek(out _, out var at))
                {
                    Monitor.Wait(_lock);
                    continue;
                }

                var wait = at - MonotonicClock.Now;
                if (wait <= 0)
                {
                    return _due.Dequeue();
                }

                Monitor.Wait(_lock, (int)Math.Min((wait + 999) / 1000, int.MaxValue));
            }

            return null;
        }
    }
}
