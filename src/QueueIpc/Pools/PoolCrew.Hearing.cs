
namespace QueueIpc.Pools;

/// <summary>What the workers of a pool say, and what becomes of their jobs by that.</summary>
internal sealed partial class PoolCrew
{
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
        catch (BrokerUnavailableException)
        {
            EndWithProcess();
        }
    }

    /// <summary>The broker of a process ends with it, and so does a pool that nobody has disposed: nothing more will be heard of its workers.</summary>
    private void EndWithProcess()
    {
        End(() => new IOException("The process of the pool ends, and its workers with it."), kill: true);
        lock (_lock)
        {
            foreach (var member in _members.Values)
            {
                member.Settled.Set();
            }

            _members.Clear();
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

        _died += _over is null && member is { IsReady: true, IsRetiring: false } ? 1 : 0;
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
}
