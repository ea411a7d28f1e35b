namespace QueueIpc;

/// <summary>How a <see cref="WorkerPool"/> works.</summary>
public sealed record WorkerPoolOptions
{
    /// <summary>How many worker processes there are; as many as the machine has processors by default.</summary>
    public int Workers { get; set; } = Environment.ProcessorCount;

    /// <summary>How many workers may die of one job before it fails with <see cref="WorkerDiedException"/>; 3 by default, 1 at least.</summary>
    public int MaxFailures { get; set; } = 3;

    /// <summary>After how many jobs a worker is replaced by a new one, for work that leaks; 0 (the default) means never.</summary>
    public int MaxJobsPerWorker { get; set; }

    /// <summary>
    /// How long a job may take; <see cref="Timeout.InfiniteTimeSpan"/> by default. One that takes longer fails with <see cref="TimeoutException"/>, and its worker is ended and replaced.
    /// </summary>
    public TimeSpan JobTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a worker has to end a job that nobody wants any more, because it was cancelled or the pool is disposed; 30 seconds by default. Then the worker is killed.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A static method or local function that each worker runs before its first job. If it throws, the pool fails.</summary>
    public Action? Initializer { get; set; }

    /// <summary>Where and how its workers run; null for as this process does.</summary>
    public WorkerOptions? Worker { get; set; }

    /// <summary>Told how far the pool is, whenever that has changed, by a thread of the pool: it must not take long. If it throws, the pool fails.</summary>
    public IProgress<WorkerPoolProgress>? Progress { get; set; }

    /// <summary>Says what is wrong with the options, if anything is. Starting a pool with them does it too.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFailures, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxJobsPerWorker);
        Worker?.Validate();
        if (JobTimeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(JobTimeout, TimeSpan.Zero, nameof(JobTimeout));
        }

        if (ShutdownTimeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(ShutdownTimeout, TimeSpan.Zero, nameof(ShutdownTimeout));
        }
    }
}
