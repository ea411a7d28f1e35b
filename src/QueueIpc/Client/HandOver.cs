namespace QueueIpc.Client;

/// <summary>
/// Counts the items that a reader has handed over, until it is closed. One of the two comes first, without a lock: an item that was counted is the
/// consumer's, and after the end none is. Items that go back are counted without having been handed over.
/// </summary>
internal sealed class HandOver
{
    private const ulong ClosedFlag = 1;
    private const ulong One = 2;

    private ulong _state;

    public ulong Count => Volatile.Read(ref _state) / One;

    public bool IsClosed => (Volatile.Read(ref _state) & ClosedFlag) != 0;

    /// <summary>Counts the item with this number; false when it has gone back, or all is closed. One thread at a time.</summary>
    public bool TryNext(ulong number)
    {
        var before = (number - 1) * One;
        return Interlocked.CompareExchange(ref _state, before + One, before) == before;
    }

    /// <summary>Items up to this one will not be handed over any more, if they were not yet. Answers how many were.</summary>
    public ulong Skip(ulong last)
    {
        while (Volatile.Read(ref _state) is var before && (before & ClosedFlag) == 0 && before < last * One)
        {
            if (Interlocked.CompareExchange(ref _state, last * One, before) == before)
            {
                return before / One;
            }
        }

        return last;
    }

    public void Close() => Interlocked.Or(ref _state, ClosedFlag);
}
