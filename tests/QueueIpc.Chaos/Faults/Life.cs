using QueueIpc.Chaos.Ledger;
using QueueIpc.Chaos.Roles;

namespace QueueIpc.Chaos.Faults;

internal enum RoleKind
{
    Producer,
    Getter,
    Leaser,
    Streamer,
}

/// <summary>From when to when something was done. It had its effect at some moment in between.</summary>
internal readonly record struct Interval(long Start, long End);

/// <summary>One process of the run, seen from outside: what it is, and what was done to it.</summary>
internal sealed class Life(RoleKind kind, Orders orders, WorkerProcess process)
{
    private const int KilledOnUnix = 137;
    private const int KilledOnWindows = -1;

    private readonly List<Interval> _stops = [];
    private long _stoppedAt;

    public RoleKind Kind => kind;

    public Orders Orders => orders;

    public WorkerProcess Process => process;

    /// <summary>When it was killed; null if it was not.</summary>
    public Interval? Kill { get; private set; }

    /// <summary>Whether it had begun to work when it was killed.</summary>
    public bool KilledAtWork { get; private set; }

    public bool KilledWhileStopped { get; private set; }

    /// <summary>When it stood still.</summary>
    public IReadOnlyList<Interval> Stops => _stops;

    public bool IsStopped => _stoppedAt != 0;

    public bool HasBegun => new FileInfo(orders.Ledger) is { Exists: true } file && file.Length >= LedgerWriter.EntryBytes;

    /// <summary>Whether it ended by itself, and not well.</summary>
    public bool HasCrashed => Kill is null && process.HasExited && process.ExitCode != 0;

    public void KillNow()
    {
        KilledAtWork = HasBegun;
        KilledWhileStopped = IsStopped;
        var start = Clock.Now;
        process.Kill();
        process.WaitForExit();
        if (process.ExitCode is KilledOnUnix or KilledOnWindows)
        {
            Kill = new Interval(start, Clock.Now);
        }

        EndStop();
    }

    public void Stop()
    {
        if (!OperatingSystem.IsWindows() && !IsStopped)
        {
            _stoppedAt = Clock.Now;
            Signals.Stop(process);
        }
    }

    public void Continue()
    {
        if (!OperatingSystem.IsWindows() && IsStopped && Kill is null)
        {
            Signals.Continue(process);
            EndStop();
        }
    }

    private void EndStop()
    {
        if (IsStopped)
        {
            _stops.Add(new Interval(_stoppedAt, Clock.Now));
            _stoppedAt = 0;
        }
    }
}
