namespace QueueIpc.Tests.Linearizability;

/// <summary>
/// Whether there is an order of all calls, in which each takes effect at one moment while it is under way, that a plain FIFO could have seen.
/// The search of Wing and Gong: take any call that started before every other one ended, see whether the FIFO allows it, go on with the rest;
/// what is known to lead nowhere (which calls are done, what is in the queue) is not tried again.
/// </summary>
internal sealed class FifoChecker
{
    private readonly History _history;
    private readonly HashSet<(uint Done, string Content)> _deadEnds = [];
    private readonly List<int> _queue = [];

    private FifoChecker(History history)
    {
        Assert.True(history.Operations.Count < 32, "A history has at most 31 calls: they are kept as the bits of one number");
        _history = history;
    }

    public static bool IsLinearizable(History history) => new FifoChecker(history).CanGoOn(done: 0);

    private bool IsFull => _history.Capacity > 0 && _queue.Count >= _history.Capacity;

    private bool CanGoOn(uint done)
    {
        var operations = _history.Operations;
        if (done == (1u << operations.Count) - 1)
        {
            return true;
        }

        var deadEnd = (done, string.Join(',', _queue));
        if (_deadEnds.Contains(deadEnd))
        {
            return false;
        }

        var firstEnd = Enumerable.Range(0, operations.Count).Where(IsLeft).Min(i => operations[i].End);
        if (Enumerable.Range(0, operations.Count).Any(i => IsLeft(i) && operations[i].Start < firstEnd && TryNext(operations[i], done | (1u << i))))
        {
            return true;
        }

        _deadEnds.Add(deadEnd);
        return false;

        bool IsLeft(int i) => (done & (1u << i)) == 0;
    }

    /// <summary>Lets the call take effect now, if a FIFO allows it, and everything else after it; undoes it when that leads nowhere.</summary>
    private bool TryNext(Operation operation, uint done)
    {
        switch (operation.What)
        {
            case Kind.Put when !IsFull:
                _queue.Add(operation.Value);
                if (CanGoOn(done))
                {
                    return true;
                }

                _queue.RemoveAt(_queue.Count - 1);
                return false;
            case Kind.Get when _queue.Count > 0 && _queue[0] == operation.Value:
                _queue.RemoveAt(0);
                if (CanGoOn(done))
                {
                    return true;
                }

                _queue.Insert(0, operation.Value);
                return false;
            case Kind.Full when IsFull:
            case Kind.Empty when _queue.Count == 0:
                return CanGoOn(done);
            default:
                return false;
        }
    }
}
