using System.Diagnostics.CodeAnalysis;

namespace QueueIpc;

/// <summary>How far a <see cref="WorkerPool"/> is, at one moment.</summary>
/// <param name="Workers">How many workers are ready for jobs.</param>
/// <param name="Waiting">How many jobs wait for a worker.</param>
/// <param name="Running">How many jobs are with workers: begun, or ready to be begun.</param>
/// <param name="Done">How many jobs have ended with a result.</param>
/// <param name="Failed">How many jobs have ended without one.</param>
/// <param name="WorkersDied">How many workers have ended that should not have.</param>
[SuppressMessage("Performance", "CA1815", Justification = "A record struct has value equality.")]
public readonly record struct WorkerPoolProgress(int Workers, int Waiting, int Running, long Done, long Failed, int WorkersDied);
