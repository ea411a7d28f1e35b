namespace QueueIpc.Client;

/// <summary>
/// Counts the items that a reader has handed over, until it is closed. One of the two comes first, without a lock: an item that was counted is the
/// consumer's, and after the end none is.
/// </summary>
internal sealed class HandOver
{
    private const ulong ClosedFlag = 1;
    private const ulong One = 2;

    private ulong _state;

    public ulong Count => Volatile.Read(ref _state) / One;

    /// <summary>Counts one more; false when it is closed. One thread at a time.</summary>
    public bool TryNext(out ulong count)
    {
        var before = Volatile.Read(ref _state);
        var after = before + One;
        count = after / One;
        return (before & ClosedFlag) == 0 && Interlocked.CompareExchange(ref _state, after, before) == before;
    }

    public void Close() => Interlocked.Or(ref _state, ClosedFlag);
}
