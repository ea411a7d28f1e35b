using System.Runtime.ExceptionServices;

namespace QueueIpc;

/// <summary>What became of one job of <see cref="WorkerPool{TJob, TResult}.MapAsync(IEnumerable{TJob}, bool, CancellationToken)"/>.</summary>
/// <typeparam name="TJob">The type of the jobs.</typeparam>
/// <typeparam name="TResult">The type of the results.</typeparam>
public sealed class PoolResult<TJob, TResult>
{
    private readonly TResult? _result;

    internal PoolResult(TJob job, TResult? result, Exception? failure) => (Job, _result, Failure) = (job, result, failure);

    /// <summary>The job, as it was given.</summary>
    public TJob Job { get; }

    /// <summary>Why there is no result; null when there is one. <see cref="WorkerException"/> for what the job threw, <see cref="WorkerDiedException"/> when it killed its workers, <see cref="TimeoutException"/> when it took too long.</summary>
    public Exception? Failure { get; }

    /// <summary>The job's result. It throws <see cref="Failure"/> when there is none.</summary>
    public TResult Result
    {
        get
        {
            if (Failure is not null)
            {
                ExceptionDispatchInfo.Throw(Failure);
            }

            return _result!;
        }
    }

    /// <summary>The job and its result, or why there is none.</summary>
    /// <returns>A line for people.</returns>
    public override string ToString() => $"{Job}: {(Failure is null ? _result?.ToString() : Failure.Message)}";
}
