using QueueIpc.Chaos.Faults;
using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos.Audit;

/// <summary>
/// Holds every call with a timeout against it, and every call on a pipe that was cut against the cut. When the machine has too much to do, any thread wakes late, and that is
/// no fault of the queue: by how much is measured at the same time, by plain waits in the caller's process and in the one that directs the run,
/// which is in the same place as the broker.
/// </summary>
internal sealed class CallAudit(Evidence evidence, Interval[] directorsLate)
{
    private const long GraceMicros = 900_000;
    private const long LateMicrosMax = 1_000_000;

    public long Timed { get; private set; }

    public long TimedOut { get; private set; }

    /// <summary>Calls that are not judged: their own process stood still, or the machine let nobody run.</summary>
    public long Stopped { get; private set; }

    public long LongestLate { get; private set; }

    public long LongestControl { get; private set; } = directorsLate.Select(late => late.End - late.Start).DefaultIfEmpty().Max();

    /// <summary>The longest block beyond a timeout that the machine is not to blame for.</summary>
    public long LongestBeyondControl { get; private set; }

    public void Run(IEnumerable<Life> lives)
    {
        foreach (var life in lives)
        {
            Read(life);
        }
    }

    private void Read(Life life)
    {
        var entries = LedgerReader.Read(life.Orders.Ledger);
        Interval[] late = [.. entries.Where(entry => entry.Act == Act.ControlLate).Select(entry => new Interval(entry.At - entry.Micros, entry.At))];
        foreach (var interval in late.Where(interval => !life.Stops.Any(stop => Overlap(stop, interval))))
        {
            LongestControl = Math.Max(LongestControl, interval.End - interval.Start);
        }

        Entry? pending = null;
        long cutAt = 0;
        foreach (var entry in entries)
        {
            switch (entry.Act)
            {
                case Act.Attempt or Act.Getting:
                    pending = entry.Micros >= 0 ? entry : null;
                    break;
                case Act.Accepted or Act.Refused or Act.Got or Act.Empty when pending is { } begun:
                    Judge(life, entry, begun.Micros, late);
                    pending = null;
                    break;
                case Act.Completed:
                    JudgeUnfinished(life, pending, entry.At, late);
                    pending = null;
                    break;
                case Act.Cutting:
                    JudgeUnfinished(life, pending, entry.At, late);
                    cutAt = entry.At;
                    break;
                case Act.Broken when cutAt == 0:
                    JudgeLost(life, entry, late);
                    pending = null;
                    break;
                case Act.Broken:
                    // The process may have been between two calls when its pipe was cut.
                    var noticedFrom = Math.Max(cutAt, entry.At - entry.Micros);
                    JudgeLateness(life, entry.Act, new Interval(noticedFrom, entry.At), entry.At - noticedFrom, late);
                    (cutAt, pending) = (0, null);
                    break;
            }
        }

        if (life.Kill is { } kill)
        {
            JudgeUnfinished(life, pending, kill.Start, late);
        }
    }

    private void Judge(Life life, in Entry end, long timeout, Interval[] late)
    {
        Timed++;
        if (end.Act is Act.Empty or Act.Refused)
        {
            TimedOut++;
            if (end.Micros < timeout)
            {
                evidence.Early($"a call of {life.Kind} {life.Orders.Life} with a timeout of {timeout} µs ended without success after {end.Micros} µs");
            }
        }

        JudgeLateness(life, end.Act, new Interval(end.At - end.Micros + timeout, end.At), end.Micros - timeout, late);
    }

    /// <summary>A broker that gets no processor for as long as its grace counts as gone. Where even plain waits were late by half of that, it is the machine's doing.</summary>
    private void JudgeLost(Life life, in Entry end, Interval[] late)
    {
        var call = new Interval(end.At - end.Micros, end.At);
        var machine = Math.Max(LongestOf(late, call), LongestOf(directorsLate, call));
        if (machine >= GraceMicros / 2)
        {
            Stopped++;
            return;
        }

        evidence.LeftAlone($"{life.Kind} {life.Orders.Life} lost its connection at {end.At} µs without a cause, after {end.Micros} µs; plain waits were {machine} µs late, and it was stopped {life.Stops.Count} times, the last time until {life.Stops.Select(stop => stop.End).LastOrDefault()} µs");
    }

    /// <summary>A call that never returned: what ended it must have come before it was late.</summary>
    private void JudgeUnfinished(Life life, Entry? pending, long endedAt, Interval[] late)
    {
        if (pending is { } begun)
        {
            var due = begun.At + begun.Micros;
            JudgeLateness(life, begun.Act, new Interval(due, endedAt), endedAt - due, late);
        }
    }

    private void JudgeLateness(Life life, Act act, Interval overdue, long micros, Interval[] late)
    {
        if (micros <= 0)
        {
            return;
        }

        if (life.Stops.Any(stop => Overlap(stop, overdue)))
        {
            Stopped++;
            return;
        }

        LongestLate = Math.Max(LongestLate, micros);
        var beyond = micros - LongestOf(late, overdue) - LongestOf(directorsLate, overdue);
        LongestBeyondControl = Math.Max(LongestBeyondControl, beyond);
        if (beyond > LateMicrosMax)
        {
            evidence.Late($"a call of {life.Kind} {life.Orders.Life} ended ({act}) at {overdue.End / 1000} ms, {micros / 1000} ms after its time, {beyond / 1000} ms more than plain waits");
        }
    }

    private static long LongestOf(Interval[] late, Interval overdue) =>
        late.Where(interval => Overlap(interval, overdue)).Select(interval => interval.End - interval.Start).DefaultIfEmpty().Max();

    private static bool Overlap(Interval one, Interval other) => one.Start <= other.End && other.Start <= one.End;
}
