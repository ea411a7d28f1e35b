using QueueIpc.Pools;
using QueueIpc.Serialization;

namespace QueueIpc;

/// <summary>A <see cref="WorkerPool"/>, with the types of its jobs and results. All members may be called from any thread.</summary>
/// <remarks>
/// Whatever is asked of a pool whose workers cannot start throws <see cref="IOException"/>, which says why, and of one that is disposed <see cref="ObjectDisposedException"/>.
/// </remarks>
/// <typeparam name="TJob">The type of the jobs.</typeparam>
/// <typeparam name="TResult">The type of the results.</typeparam>
public sealed class WorkerPool<TJob, TResult> : WorkerPool
{
    private readonly PoolCodec<TJob> _jobs = new();
    private readonly PoolCodec<TResult> _results = new();

    internal WorkerPool(Delegate work, WorkerPoolOptions? options)
        : base(Begin(work, options ?? new WorkerPoolOptions()))
    {
    }

    /// <summary>Has one job done by a worker.</summary>
    /// <param name="job">The job. It is serialised before this returns.</param>
    /// <param name="ct">Ends the waiting at once. A job that was not begun is not; the worker of one that was is told, and has <see cref="WorkerPoolOptions.ShutdownTimeout"/> to end it.</param>
    /// <returns>Its result.</returns>
    /// <exception cref="WorkerException">The job threw an exception.</exception>
    /// <exception cref="WorkerDiedException">Its worker died, and so did those to whom it was given after that.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="WorkerPoolOptions.JobTimeout"/>.</exception>
    /// <exception cref="ItemSerializationException">The job cannot be serialised, or its result not be read.</exception>
    public async Task<TResult> RunAsync(TJob job, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        var given = Pack(job, whenOver: null);
        Crew.Submit(given);
        using (ct.UnsafeRegister(_ => GiveUp(given, ct), null))
        {
            return (await given.Over.ConfigureAwait(false)).Result;
        }
    }

    /// <summary>
    /// Has many jobs done, and gives what became of them as it comes. The jobs are read as workers have time for them: a few for each worker, and no more while nobody takes the results.
    /// Who stops taking, or cancels, gives up the jobs that are under way.
    /// </summary>
    /// <param name="jobs">The jobs. They are read by another thread, as late as possible.</param>
    /// <param name="ordered">Whether the results come in the order of the jobs, instead of as they are ready: one long job then holds up the others.</param>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <returns>For each job its result, or why there is none.</returns>
    public IAsyncEnumerable<PoolResult<TJob, TResult>> MapAsync(IEnumerable<TJob> jobs, bool ordered = false, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        return PoolMap<TJob, TResult>.ReadAsync(Crew, Pack, jobs.ToAsyncEnumerable(), ordered, ct);
    }

    /// <summary>Like <see cref="MapAsync(IEnumerable{TJob}, bool, CancellationToken)"/>, as the results are ready.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <returns>For each job its result, or why there is none.</returns>
    public IAsyncEnumerable<PoolResult<TJob, TResult>> MapAsync(IEnumerable<TJob> jobs, CancellationToken ct) => MapAsync(jobs, ordered: false, ct);

    /// <summary>Like <see cref="MapAsync(IEnumerable{TJob}, bool, CancellationToken)"/>, for jobs that take their time to come.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="ordered">Whether the results come in the order of the jobs, instead of as they are ready.</param>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <returns>For each job its result, or why there is none.</returns>
    public IAsyncEnumerable<PoolResult<TJob, TResult>> MapAsync(IAsyncEnumerable<TJob> jobs, bool ordered = false, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        return PoolMap<TJob, TResult>.ReadAsync(Crew, Pack, jobs, ordered, ct);
    }

    /// <summary>Like <see cref="MapAsync(IAsyncEnumerable{TJob}, bool, CancellationToken)"/>, as the results are ready.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <returns>For each job its result, or why there is none.</returns>
    public IAsyncEnumerable<PoolResult<TJob, TResult>> MapAsync(IAsyncEnumerable<TJob> jobs, CancellationToken ct) => MapAsync(jobs, ordered: false, ct);

    private static PoolCrew Begin(Delegate work, WorkerPoolOptions options)
    {
        options.Validate();
        return new PoolCrew(options with { }, PoolTarget.Pack<TJob, TResult>(work, options.Initializer), work.Method.Name);
    }

    private PoolJob<TJob, TResult> Pack(TJob job, Action<PoolJob<TJob, TResult>>? whenOver)
    {
        byte[] packed;
        try
        {
            packed = _jobs.Pack(job);
        }
        catch (Exception e)
        {
            throw new ItemSerializationException($"A job cannot be serialised as {Words.Of(typeof(TJob))}: {e.Message}", e);
        }

        return packed.Length <= Crew.JobBytesMax
            ? new PoolJob<TJob, TResult>(job, packed, _results, whenOver)
            : throw new ItemTooLargeException($"A job has {packed.Length} bytes; it may have {Crew.JobBytesMax} at most. Send what is larger as the path of a file.");
    }

    private void GiveUp(PoolJob<TJob, TResult> job, CancellationToken ct)
    {
        if (job.TryEnd())
        {
            job.Fail(new OperationCanceledException(ct));
            Crew.GiveUp(job);
        }
    }
}
