using QueueIpc.Core;

namespace QueueIpc;

/// <summary>Something that wants to be called when its time has come.</summary>
internal abstract class Due : Timed
{
    /// <summary>Does all that is due. It asks the clock again if there is more to come.</summary>
    public abstract void OnDue(long now);
}

/// <summary>
/// One thread that sleeps until the next deadline, for everyone. A thread of its own, because deadlines are promises
/// and the thread pool may be busy with the user's work.
/// </summary>
internal sealed class DeadlineClock : IClock, IDisposable
{
    private readonly Lock _startLock = new();
    private readonly object _lock = new();
    private readonly DeadlineHeap _due = new();
    private Thread? _thread;
    private bool _stopped;

    public long Now => MonotonicClock.Now;

    public void Schedule(Due target, long at)
    {
        EnsureThread();
        lock (_lock)
        {
            if (_stopped || (target.HeapIndex != Timed.Nowhere && target.Deadline <= at))
            {
                return;
            }

            var isEarliest = at < _due.NextDeadline;
            _due.Change(target, at);
            if (isEarliest)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    public void Forget(Due target)
    {
        lock (_lock)
        {
            _due.Remove(target);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
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

    private Due? NextDue()
    {
        lock (_lock)
        {
            while (!_stopped)
            {
                if (_due.Count == 0)
                {
                    Monitor.Wait(_lock);
                    continue;
                }

                var wait = _due.NextDeadline - MonotonicClock.Now;
                if (wait <= 0)
                {
                    var due = (Due)_due.Earliest;
                    _due.Remove(due);
                    return due;
                }

                Monitor.Wait(_lock, (int)Math.Min((wait + 999) / 1000, int.MaxValue));
            }

            return null;
        }
    }
}
