namespace QueueIpc;

/// <summary>The time, and who is to be called when it has come. The machine's is <see cref="DeadlineClock"/>; a simulation brings its own.</summary>
internal interface IClock
{
    /// <summary>Microseconds that never go back.</summary>
    long Now { get; }

    /// <summary>Calls <paramref name="target"/> once at or after <paramref name="at"/>.</summary>
    void Schedule(IDue target, long at);
}
