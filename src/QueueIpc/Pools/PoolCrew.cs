using System.Diagnostics.CodeAnalysis;
using QueueIpc.Client;

namespace QueueIpc.Pools;

/// <summary>
/// The workers of a pool, and the jobs on their way to them and back. One thread hears what the workers say and hands out more; one for each worker waits for its end and starts the next.
/// What is decided is the plan's, under the lock.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The token's source has no timer, and whoever is late may still ask for its token.")]
internal sealed partial class PoolCrew
{
    private const int WordsMax = 1024;

    /// <summary>Workers that somebody kills while they start are started again; at some time nobody believes in it any more.</summary>
    private const int KilledInARowMax = 100;

    private const int TerminatedExitCode = 143;
    private static readonly int KilledExitCode = OperatingSystem.IsWindows() ? -1 : 137;

    /// <summary>A connection is read to its end within a moment after its process has ended.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly WorkerPoolOptions _options;
    private readonly byte[] _work;
    private readonly string _label;
    private readonly PoolPlan _plan;
    private readonly IpcQueue<byte[]> _words;
    private readonly IClock _clock;
    private readonly Dictionary<int, PoolMember> _members = [];
    private readonly List<Thread> _keepers = [];
    private readonly Thread _listener;
    private readonly List<(PoolJob Job, Exception? Failure, ReadOnlyMemory<byte> Result)> _ended = [];
    private readonly CancellationTokenSource _end = new();
    private Func<Exception>? _over;
    private int _lastMember;
    private int _killedInARow;
    private int _died;
    private int _width;
    private long _done;
    private long _failed;

    public PoolCrew(WorkerPoolOptions options, byte[] work, string label)
    {
        (_options, _work, _label) = (options, work, label);
        _plan = new PoolPlan(options.MaxFailures, options.MaxJobsPerWorker);
        _words = QueueBroker.Default.CreateQueue<byte[]>(null, RawBytesSerializer.Instance, $"{label}: results");
        _clock = _words.Clock;
        try
        {
            for (var i = 0; i < options.Workers; i++)
            {
                StartNeedsLock();
            }
        }
        catch
        {
            foreach (var member in _members.Values)
            {
                member.Process.Kill();
                member.Dispose();
            }

            _words.Dispose();
            throw;
        }

        foreach (var member in _members.Values)
        {
            _keepers.Add(BackgroundThread.Start("QueueIpc pool worker", () => Keep(member)));
        }

        MeasureWidthNeedsLock();

        // Results are unpacked here, by code of the program's: a stack as large as others'.
        _listener = new Thread(Listen) { IsBackground = true, Name = "QueueIpc pool" };
        _listener.UnsafeStart();
    }

    /// <summary>How many jobs all workers together may have at the moment.</summary>
    public int Width => Volatile.Read(ref _width);

    /// <summary>How large a job may be.</summary>
    public int JobBytesMax => _words.MaxItemBytes - PoolMessage.OrderBytes;

    public WorkerPoolProgress Progress
    {
        get
        {
            lock (_lock)
            {
                return new WorkerPoolProgress(
                    _plan.Seats.Count(seat => seat.IsReady), _plan.Waiting, _plan.Seats.Sum(seat => seat.Hand.Count), _done, _failed, _died);
            }
        }
    }

    /// <summary>Cancelled when the pool is disposed, or its workers cannot start.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>Why the pool is over; null while it is not.</summary>
    public Exception? WhyOver() => Volatile.Read(ref _over)?.Invoke();

    /// <summary>Throws if the pool is disposed, or its workers cannot start.</summary>
    public void ThrowIfOver()
    {
        if (WhyOver() is { } why)
        {
            throw why;
        }
    }

    public void Submit(PoolJob job)
    {
        lock (_lock)
        {
            ThrowIfOver();
            _plan.Add(job);
            HandOutNeedsLock();
        }

        _words.FlushThrough();
    }

    /// <summary>Nobody wants the job any more: it is not begun, or its worker is told, and has the time of a shutdown to end it.</summary>
    public void GiveUp(PoolJob job)
    {
        lock (_lock)
        {
            if (_plan.GiveUp(job, _clock.Now) is PoolMember member)
            {
                member.Tell(PoolOrder.Cancel, job.Id);
                WatchNeedsLock(member);
            }
        }

        _words.FlushThrough();
    }

    /// <summary>Ends everything. Jobs that are not done fail, and workers that do not end by themselves are ended.</summary>
    public void Close()
    {
        if (Thread.CurrentThread == _listener)
        {
            // Whoever is told of the progress may find it enough; the rest needs this thread.
            _ = Task.Run(Close);
            return;
        }

        End(() => new ObjectDisposedException(nameof(WorkerPool), "The pool was disposed."), kill: false);
        var deadline = _options.ShutdownTimeout == Timeout.InfiniteTimeSpan ? long.MaxValue : _clock.Now + _options.ShutdownTimeout.ToMicros();
        foreach (var keeper in _keepers)
        {
            var left = Math.Max(0, deadline - _clock.Now) / 1000;
            if (!keeper.Join((int)Math.Min(left, int.MaxValue)))
            {
                KillAll();
                keeper.Join();
            }
        }

        _words.Dispose();
        _listener.Join();
    }

    private void StartNeedsLock()
    {
        var member = new PoolMember(++_lastMember, _words, _work, $"{_label}: worker {_lastMember}", _options.Worker, TimeUp);
        _members.Add(member.Id, member);
        _plan.Add(member);
    }

    /// <summary>The life of one place in the pool: a worker, and after its end the next.</summary>
    private void Keep(PoolMember? member)
    {
        while (member is not null)
        {
            try
            {
                member.WaitForEnd(EndPatience);
                _words.Put(PoolMessage.Word(member.Id, PoolWord.Ended));
            }
            catch (BrokerUnavailableException)
            {
                // The process ends; the listener hears of it as well.
            }

            member.Settled.Wait();
            member.Dispose();
            member = Replace();
        }
    }

    private PoolMember? Replace()
    {
        lock (_lock)
        {
            if (_over is not null)
            {
                return null;
            }

            try
            {
                StartNeedsLock();
                return _members[_lastMember];
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                EndNeedsLock(() => new IOException($"A worker of the pool could not be started: {e.Message}", e), kill: true);
            }
        }

        Conclude();
        return null;
    }

    private void HandOutNeedsLock()
    {
        if (_over is not null)
        {
            return;
        }

        while (_plan.TryHandOut(out var seat, out var job))
        {
            var member = (PoolMember)seat;
            member.Tell(PoolOrder.Job, job.Id, job.Packed);
            if (ReferenceEquals(member.InHand, job))
            {
                WatchNeedsLock(member);
            }
        }

        if (_plan.WhomToAsk() is PoolMember rich)
        {
            rich.Tell(PoolOrder.GiveBack);
        }
    }

    private void MeasureWidthNeedsLock() => Volatile.Write(ref _width, Math.Max(_options.Workers, _plan.Seats.Sum(seat => seat.Ahead)));

    /// <summary>Sets the moment at which what the worker has in its hand has taken too long.</summary>
    private void WatchNeedsLock(PoolMember member)
    {
        var at = Due.Never;
        if (member.InHand is { } job)
        {
            var since = member.Began(job, _clock);
            at = _options.JobTimeout == Timeout.InfiniteTimeSpan ? Due.Never : since + _options.JobTimeout.ToMicros();
            if (job.GivenUpAt != long.MaxValue && _options.ShutdownTimeout != Timeout.InfiniteTimeSpan)
            {
                at = Math.Min(at, Math.Max(since, job.GivenUpAt) + _options.ShutdownTimeout.ToMicros());
            }
        }

        member.SetTimeUp(at);
    }

    private void TimeUp(PoolMember member, long now)
    {
        lock (_lock)
        {
            if (now < member.TimeUpAt)
            {
                member.SetTimeUp(member.TimeUpAt);
                return;
            }

            if (member.InHand is not { } job)
            {
                return;
            }

            if (job.GivenUpAt == long.MaxValue)
            {
                _plan.GiveUp(job, now);
                _ended.Add((job, new TimeoutException($"The job took longer than {Errors.Describe(_options.JobTimeout)} (WorkerPoolOptions.JobTimeout), and its worker was ended."), default));
            }

            member.Process.Kill();
        }

        Conclude();
    }

    private void End(Func<Exception> over, bool kill)
    {
        lock (_lock)
        {
            EndNeedsLock(over, kill);
        }

        _words.FlushThrough();
        Conclude();
    }

    /// <summary>From now on there is nothing to be done; the first reason counts.</summary>
    private void EndNeedsLock(Func<Exception> over, bool kill)
    {
        if (_over is null)
        {
            _over = over;

            // Those who are told are not told here, under the lock.
            _ = _end.CancelAsync();
            foreach (var job in _plan.All())
            {
                job.EndsWithPool = true;
                _ended.Add((job, over(), default));
            }
        }

        foreach (var member in _members.Values)
        {
            if (kill)
            {
                member.Process.Kill();
            }
            else if (member.InHand is { } job)
            {
                member.Tell(PoolOrder.GiveBack);
                member.Tell(PoolOrder.Cancel, job.Id);
            }

            member.Tell(PoolOrder.Dismiss);
        }
    }

    private void KillAll()
    {
        lock (_lock)
        {
            foreach (var member in _members.Values)
            {
                member.Process.Kill();
            }
        }
    }
}
