using QueueIpc.Client;
using QueueIpc.Serialization;

namespace QueueIpc.Pools;

/// <summary>
/// The workers of a pool, and the jobs on their way to them and back. One thread hears what the workers say and hands out more; one for each worker waits for its end and starts the next.
/// What is decided is the plan's, under the lock.
/// </summary>
internal sealed class PoolCrew
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

    /// <summary>Throws if the pool is disposed, or its workers cannot start.</summary>
    public void ThrowIfOver()
    {
        if (Volatile.Read(ref _over) is { } over)
        {
            throw over();
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
            member.WaitForEnd(EndPatience);
            _words.Put(PoolMessage.Word(member.Id, PoolWord.Ended));
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

    private void Listen()
    {
        try
        {
            while (true)
            {
                Hear(_words.GetMany(WordsMax, Timeout.InfiniteTimeSpan));
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or QueueCompletedException)
        {
            // The pool is closed.
        }
    }

    private void Hear(IReadOnlyList<byte[]> words)
    {
        lock (_lock)
        {
            foreach (var message in words)
            {
                var (worker, word, job, micros, packed) = PoolMessage.ReadWord(message);
                HearNeedsLock(_members[worker], word, job, micros, packed);
            }

            HandOutNeedsLock();
            MeasureWidthNeedsLock();
        }

        _words.FlushThrough();
        Conclude();
        Report();
    }

    private void HearNeedsLock(PoolMember member, PoolWord word, long id, int micros, ReadOnlyMemory<byte> packed)
    {
        switch (word)
        {
            case PoolWord.Ready:
                member.IsReady = true;
                _killedInARow = 0;
                break;
            case PoolWord.NotBegun when id == 0:
                member.IsAsked = false;
                break;
            case PoolWord.NotBegun:
                _plan.NotBegun(member, id);
                break;
            case PoolWord.Ended:
                EndedNeedsLock(member);
                return;
            default:
                member.Measure(micros);
                if (member.Take(id) is { } job)
                {
                    _ended.Add((job, word == PoolWord.Thrown ? new WorkerException(WorkerFailure.FromBytes(packed.ToArray())) : null, packed));
                }

                if (member is { IsRetiring: true, Hand.Count: 0 })
                {
                    member.Tell(PoolOrder.Dismiss);
                }

                break;
        }

        WatchNeedsLock(member);
    }

    private void EndedNeedsLock(PoolMember member)
    {
        _members.Remove(member.Id);
        if (_plan.Ended(member, member.NeverArrived) is { } lost)
        {
            _ended.Add((lost, new WorkerDiedException(lost.Failures, member.Process.ExitCode, member.Process.Failure), default));
        }

        _died += member is { IsReady: true, IsRetiring: false } ? 1 : 0;
        if (!member.IsReady && _over is null)
        {
            NeverReadyNeedsLock(member.Process.ExitCode, member.Process.Failure);
        }

        member.Settled.Set();
    }

    private void NeverReadyNeedsLock(int exitCode, WorkerFailure? failure)
    {
        if ((exitCode == KilledExitCode || exitCode == TerminatedExitCode) && ++_killedInARow < KilledInARowMax)
        {
            return;
        }

        var why = failure is null ? "Its standard error may say why." : failure.Message;
        EndNeedsLock(
            () => new IOException(
                $"The workers of the pool cannot start: one ended with exit code {exitCode} before it could take a job. {why}", failure is null ? null : new WorkerException(failure)),
            kill: true);
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

    /// <summary>Tells those who wait for jobs that have come to their end. Not under the lock: the program's own code runs in here.</summary>
    private void Conclude()
    {
        List<(PoolJob Job, Exception? Failure, ReadOnlyMemory<byte> Result)> ended;
        lock (_lock)
        {
            ended = [.. _ended];
            _ended.Clear();
        }

        foreach (var (job, failure, result) in ended)
        {
            if (!job.TryEnd())
            {
                continue;
            }

            Interlocked.Increment(ref failure is null ? ref _done : ref _failed);
            if (failure is null)
            {
                job.Succeed(result);
            }
            else
            {
                job.Fail(failure);
            }
        }
    }

    private void Report()
    {
        if (_options.Progress is not { } progress)
        {
            return;
        }

        try
        {
            progress.Report(Progress);
        }
        catch (Exception e)
        {
            End(() => new InvalidOperationException($"The progress of the pool could not be reported: {e.Message}", e), kill: true);
        }
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
