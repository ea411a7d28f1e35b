using QueueIpc.Pools;

namespace QueueIpc;

/// <summary>
/// Worker processes that do jobs, one at a time each: give a job, get its result. A worker that dies is replaced, and its job goes to another.
/// </summary>
/// <remarks>The workers end when the pool is disposed, or when this process ends, however that happens.</remarks>
public abstract class WorkerPool : IAsyncDisposable, IDisposable
{
    private protected WorkerPool(PoolCrew crew) => Crew = crew;

    /// <summary>How far it is, at this moment.</summary>
    public WorkerPoolProgress Progress => Crew.Progress;

    private protected PoolCrew Crew { get; }

    /// <summary>Starts a pool whose workers do each job with <paramref name="work"/>.</summary>
    /// <typeparam name="TJob">The type of the jobs: anything that can be an item of a queue.</typeparam>
    /// <typeparam name="TResult">The type of the results: anything that can be an item of a queue.</typeparam>
    /// <param name="work">A static method or local function.</param>
    /// <param name="options">How many workers, and so on; null for the usual ones.</param>
    /// <returns>The pool. Its workers are on their way.</returns>
    /// <exception cref="ArgumentException">The work uses something from around it, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">Workers cannot start by themselves in this program, see <see cref="WorkerProcess.RunIfWorker"/>.</exception>
    /// <exception cref="IOException">A process cannot be started.</exception>
    public static WorkerPool<TJob, TResult> Start<TJob, TResult>(Func<TJob, TResult> work, WorkerPoolOptions? options = null) => new(work, options);

    /// <summary>Starts a pool whose workers do each job with <paramref name="work"/>, and tell it when nobody wants the result any more.</summary>
    /// <typeparam name="TJob">The type of the jobs: anything that can be an item of a queue.</typeparam>
    /// <typeparam name="TResult">The type of the results: anything that can be an item of a queue.</typeparam>
    /// <param name="work">A static method or local function.</param>
    /// <param name="options">How many workers, and so on; null for the usual ones.</param>
    /// <returns>The pool. Its workers are on their way.</returns>
    /// <exception cref="ArgumentException">The work uses something from around it, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">Workers cannot start by themselves in this program, see <see cref="WorkerProcess.RunIfWorker"/>.</exception>
    /// <exception cref="IOException">A process cannot be started.</exception>
    public static WorkerPool<TJob, TResult> Start<TJob, TResult>(Func<TJob, CancellationToken, TResult> work, WorkerPoolOptions? options = null) => new(work, options);

    /// <summary>Starts a pool whose workers do each job with <paramref name="work"/>.</summary>
    /// <typeparam name="TJob">The type of the jobs: anything that can be an item of a queue.</typeparam>
    /// <typeparam name="TResult">The type of the results: anything that can be an item of a queue.</typeparam>
    /// <param name="work">A static method or local function. A worker begins its next job when the task has ended.</param>
    /// <param name="options">How many workers, and so on; null for the usual ones.</param>
    /// <returns>The pool. Its workers are on their way.</returns>
    /// <exception cref="ArgumentException">The work uses something from around it, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">Workers cannot start by themselves in this program, see <see cref="WorkerProcess.RunIfWorker"/>.</exception>
    /// <exception cref="IOException">A process cannot be started.</exception>
    public static WorkerPool<TJob, TResult> Start<TJob, TResult>(Func<TJob, Task<TResult>> work, WorkerPoolOptions? options = null) => new(work, options);

    /// <summary>Starts a pool whose workers do each job with <paramref name="work"/>, and tell it when nobody wants the result any more.</summary>
    /// <typeparam name="TJob">The type of the jobs: anything that can be an item of a queue.</typeparam>
    /// <typeparam name="TResult">The type of the results: anything that can be an item of a queue.</typeparam>
    /// <param name="work">A static method or local function. A worker begins its next job when the task has ended.</param>
    /// <param name="options">How many workers, and so on; null for the usual ones.</param>
    /// <returns>The pool. Its workers are on their way.</returns>
    /// <exception cref="ArgumentException">The work uses something from around it, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">Workers cannot start by themselves in this program, see <see cref="WorkerProcess.RunIfWorker"/>.</exception>
    /// <exception cref="IOException">A process cannot be started.</exception>
    public static WorkerPool<TJob, TResult> Start<TJob, TResult>(Func<TJob, CancellationToken, Task<TResult>> work, WorkerPoolOptions? options = null) => new(work, options);

    /// <summary>
    /// Ends the pool. Jobs that are not done fail with <see cref="ObjectDisposedException"/>, workers are told, and those that are still busy after <see cref="WorkerPoolOptions.ShutdownTimeout"/> are killed.
    /// When this returns, they have ended.
    /// </summary>
    public void Dispose()
    {
        Crew.Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Like <see cref="Dispose"/>, without a thread.</summary>
    /// <returns>Ends when <see cref="Dispose"/> would return.</returns>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return new ValueTask(Task.Run(Crew.Close));
    }
}
