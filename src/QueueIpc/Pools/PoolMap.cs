using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace QueueIpc.Pools;

/// <summary>Many jobs, read from their source as the pool has room for them, and what became of them, as it comes or in order.</summary>
internal sealed class PoolMap<TJob, TResult>(
    PoolCrew crew, Func<TJob, Action<PoolJob<TJob, TResult>>?, PoolJob<TJob, TResult>> pack, IAsyncEnumerable<TJob> source, bool ordered)
{
    private readonly Lock _lock = new();
    private readonly HashSet<PoolJob<TJob, TResult>> _underWay = [];
    private readonly Channel<Task<PoolResult<TJob, TResult>>> _next = Channel.CreateUnbounded<Task<PoolResult<TJob, TResult>>>();
    private TaskCompletionSource? _room;
    private int _untaken;
    private bool _isRead;
    private bool _endsWithPool;

    /// <summary>What became of the jobs.</summary>
    public static async IAsyncEnumerable<PoolResult<TJob, TResult>> ReadAsync(
        PoolCrew crew,
        Func<TJob, Action<PoolJob<TJob, TResult>>?, PoolJob<TJob, TResult>> pack,
        IAsyncEnumerable<TJob> source,
        bool ordered,
        [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var result in new PoolMap<TJob, TResult>(crew, pack, source, ordered).ReadAsync(ct).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    private async IAsyncEnumerable<PoolResult<TJob, TResult>> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(ct);

        // Also while the source takes its time: whoever waits for it shall not wait for a pool that has ended.
        using var ended = crew.Ended.UnsafeRegister(_ => _next.Writer.TryComplete(crew.WhyOver()), null);

        // Not awaited: a source that hangs shall not hold up whoever wants no more of it. What it throws comes through the channel.
        _ = Task.Run(() => FeedAsync(stopped.Token), CancellationToken.None);
        try
        {
            await foreach (var over in _next.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                var result = await over.WaitAsync(ct).ConfigureAwait(false);
                if (result.Failure is not null && Volatile.Read(ref _endsWithPool))
                {
                    // Throws what every job now fails with.
                    crew.ThrowIfOver();
                }

                Taken();
                yield return result;
            }
        }
        finally
        {
            await stopped.CancelAsync().ConfigureAwait(false);
            GiveUpRest();
        }
    }

    private async Task FeedAsync(CancellationToken ct)
    {
        try
        {
            var jobs = source.GetAsyncEnumerator(ct);
            await using (jobs.ConfigureAwait(false))
            {
                do
                {
                    await Room().WaitAsync(ct).ConfigureAwait(false);
                }
                while (await jobs.MoveNextAsync().ConfigureAwait(false) && Give(jobs.Current, ct));
            }

            lock (_lock)
            {
                _isRead = true;
                CompleteIfDoneNeedsLock();
            }
        }
        catch (Exception e)
        {
            _next.Writer.TryComplete(e);
        }
    }

    /// <summary>Ends when there is room for one more job.</summary>
    private Task Room()
    {
        lock (_lock)
        {
            if (_untaken < crew.Width)
            {
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    private bool Give(TJob job, CancellationToken ct)
    {
        PoolJob<TJob, TResult> given;
        try
        {
            given = pack(job, Over);
        }
        catch (Exception e) when (e is ItemSerializationException or ItemTooLargeException)
        {
            // That job alone has failed.
            lock (_lock)
            {
                _untaken++;
                _next.Writer.TryWrite(Task.FromResult(new PoolResult<TJob, TResult>(job, default, e)));
            }

            return true;
        }

        lock (_lock)
        {
            if (ct.IsCancellationRequested)
            {
                return false;
            }

            _untaken++;
            _underWay.Add(given);
        }

        crew.Submit(given);
        if (ordered)
        {
            // Not before: a job that the pool does not take never ends.
            _next.Writer.TryWrite(given.Over);
        }

        return true;
    }

    private void Over(PoolJob<TJob, TResult> job)
    {
        lock (_lock)
        {
            _underWay.Remove(job);
            _endsWithPool |= job.EndsWithPool;
            if (!ordered)
            {
                _next.Writer.TryWrite(job.Over);
            }

            CompleteIfDoneNeedsLock();
        }
    }

    /// <summary>Room is made for several at a time: whoever reads the source has to be woken for it.</summary>
    private void Taken()
    {
        lock (_lock)
        {
            _untaken--;
            var width = crew.Width;
            if (_room is not null && _untaken <= width - Math.Max(1, width / 4))
            {
                _room.SetResult();
                _room = null;
            }
        }
    }

    private void CompleteIfDoneNeedsLock()
    {
        if (_isRead && _underWay.Count == 0)
        {
            _next.Writer.TryComplete();
        }
    }

    private void GiveUpRest()
    {
        PoolJob<TJob, TResult>[] rest;
        lock (_lock)
        {
            rest = [.. _underWay];
        }

        foreach (var job in rest)
        {
            if (job.TryEnd())
            {
                crew.GiveUp(job);
            }
        }
    }
}
