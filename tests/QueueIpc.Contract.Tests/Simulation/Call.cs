namespace QueueIpc.Tests.Simulation;

/// <summary>One call of one caller, from its beginning to its one end.</summary>
internal sealed class Call(string what, SimulatedHandle? handle, long startedAt, TimeSpan timeout) : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    public string What => what;

    public SimulatedHandle? Handle => handle;

    public long StartedAt => startedAt;

    public TimeSpan Timeout => timeout;

    /// <summary>Looked at until it is completed, and asked for its result then: nothing waits for it on another thread.</summary>
    public ValueTask Outcome { get; set; }

    /// <summary>Whether nothing but its outcome, or the end of its handle, ends it.</summary>
    public bool IsPlain { get; init; }

    public Action<PutFate>? PutEnded { get; init; }

    public CancellationToken Token => _cancel.Token;

    public bool IsCancelled => _cancel.IsCancellationRequested;

    public void Cancel() => _cancel.Cancel();

    public void Dispose() => _cancel.Dispose();
}
