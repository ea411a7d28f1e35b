namespace QueueIpc;

/// <summary>The time, and who is to be called when it has come. The machine's is <see cref="DeadlineClock"/>; a simulation brings its own.</summary>
internal interface IClock
{
    /// <summary>Microseconds that never go back.</summary>
    long Now { get; }

    /// <summary>Calls <paramref name="target"/> once, at or after <paramref name="at"/>, or at the moment that it waits for already if that comes first.</summary>
    void Schedule(Due target, long at);

    /// <summary>Whoever has ended is not called, unless that has just begun; and it is not kept until a moment in which it has nothing to do.</summary>
    void Forget(Due target);
}
