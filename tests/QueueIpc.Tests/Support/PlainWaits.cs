using System.Diagnostics;

namespace QueueIpc.Tests.Support;

/// <summary>
/// Waits for nothing, again and again, on a thread of its own. As late as such a wait ends, so late may a busy machine make anything else end: that much
/// is no fault of the queue.
/// </summary>
internal sealed class PlainWaits : IDisposable
{
    private static readonly TimeSpan EachWait = TimeSpan.FromMilliseconds(10);

    private readonly ManualResetEventSlim _stop = new();
    private readonly List<(long Due, long Ended)> _waits = [];
    private readonly Thread _thread;

    public PlainWaits()
    {
        _thread = new Thread(Wait) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>By how much <paramref name="late"/>, at the end of what ended just now, is more than a plain wait was late at the same time.</summary>
    public TimeSpan Beyond(TimeSpan late)
    {
        var since = Stopwatch.GetTimestamp() - (long)(late.TotalSeconds * Stopwatch.Frequency);
        lock (_waits)
        {
            // The wait that is under way may be as late, and have had no chance to say so.
            var underWay = Stopwatch.GetElapsedTime(_waits.Count > 0 ? _waits[^1].Ended : since) - EachWait;
            var longest = _waits.Where(wait => wait.Ended >= since).Select(wait => Stopwatch.GetElapsedTime(wait.Due, wait.Ended)).Append(underWay).Max();
            return late - (longest > TimeSpan.Zero ? longest : TimeSpan.Zero);
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Wait()
    {
        var due = Stopwatch.GetTimestamp();
        do
        {
            lock (_waits)
            {
                _waits.Add((due, Stopwatch.GetTimestamp()));
            }

            due = Stopwatch.GetTimestamp() + (long)(EachWait.TotalSeconds * Stopwatch.Frequency);
        }
        while (!_stop.Wait(EachWait));
    }
}
