namespace QueueIpc.Client;

/// <summary>
/// Numbers the items that one connection puts into one queue, through whichever handle, so that the broker knows those that come again. It stays as long as the
/// connection: a number that was used twice would be taken for an item that came again.
/// </summary>
internal sealed class PutNumbers
{
    private const int CleanAtLeast = 64;

    // A call whose put is not answered has the number that is here with it.
    private readonly Queue<(long Number, PendingCall Call)> _open = new();
    private int _cleanAt = CleanAtLeast;
    private long _last;

    /// <summary>The number of the first of so many items, and the lowest one that may come again. Under the connection's lock.</summary>
    public (long First, long OldestOpen) Next(PendingCall call, int count)
    {
        while (_open.TryPeek(out var first) && first.Call.PutNumber != first.Number)
        {
            _open.Dequeue();
        }

        if (_open.Count >= _cleanAt)
        {
            Clean();
        }

        var number = _last + 1;
        _last += count;
        _open.Enqueue((number, call));
        return (number, _open.Peek().Number);
    }

    /// <summary>One put may wait for long while many behind it give up.</summary>
    private void Clean()
    {
        for (var left = _open.Count; left > 0; left--)
        {
            var (number, call) = _open.Dequeue();
            if (call.PutNumber == number)
            {
                _open.Enqueue((number, call));
            }
        }

        _cleanAt = Math.Max(CleanAtLeast, 2 * _open.Count);
    }
}
