namespace QueueIpc.Core;

/// <summary>
/// What is due when. Its members know their place, so that what ended early leaves at once:
/// a million gets with long timeouts that were all served leave nothing behind.
/// What is due at the same time comes in the order it was added: leases of one batch expire in the items' order.
/// </summary>
/// <remarks>
/// Most deadlines come in their order, because they are so long from now: those stand in a line, which costs nothing. The others are in a binary heap.
/// </remarks>
internal sealed class DeadlineHeap
{
    private Timed[] _nodes = [];
    private int _inHeap;
    private Timed? _first;
    private Timed? _last;
    private int _inLine;
    private long _turns;

    public int Count => _inHeap + _inLine;

    public long NextDeadline => Count == 0 ? Timed.Never : Earliest.Deadline;

    public Timed Earliest => _first is null || (_inHeap > 0 && IsBefore(_nodes[0], _first)) ? _nodes[0] : _first;

    public void Add(Timed node, long deadline)
    {
        node.Deadline = deadline;
        if (deadline == Timed.Never)
        {
            return;
        }

        node.Turn = ++_turns;
        if (_last is null || deadline >= _last.Deadline)
        {
            StandInLine(node);
            return;
        }

        if (_inHeap == _nodes.Length)
        {
            Array.Resize(ref _nodes, Math.Max(4, _inHeap * 2));
        }

        SiftUp(_inHeap++, node);
    }

    public void Remove(Timed node)
    {
        if (node.HeapIndex == Timed.InLine)
        {
            LeaveLine(node);
        }
        else if (node.HeapIndex >= 0)
        {
            LeaveHeap(node);
        }
    }

    public void Change(Timed node, long deadline)
    {
        Remove(node);
        Add(node, deadline);
    }

    private void StandInLine(Timed node)
    {
        node.HeapIndex = Timed.InLine;
        node.Before = _last;
        if (_last is null)
        {
            _first = node;
        }
        else
        {
            _last.Behind = node;
        }

        _last = node;
        _inLine++;
    }

    private void LeaveLine(Timed node)
    {
        if (node.Before is null)
        {
            _first = node.Behind;
        }
        else
        {
            node.Before.Behind = node.Behind;
        }

        if (node.Behind is null)
        {
            _last = node.Before;
        }
        else
        {
            node.Behind.Before = node.Before;
        }

        node.Before = node.Behind = null;
        node.HeapIndex = Timed.Nowhere;
        _inLine--;
    }

    private void LeaveHeap(Timed node)
    {
        var index = node.HeapIndex;
        node.HeapIndex = Timed.Nowhere;
        var last = _nodes[--_inHeap];
        _nodes[_inHeap] = null!;
        if (!ReferenceEquals(last, node))
        {
            Replace(index, last);
        }
    }

    private void Replace(int index, Timed node)
    {
        if (index > 0 && IsBefore(node, _nodes[(index - 1) / 2]))
        {
            SiftUp(index, node);
        }
        else
        {
            SiftDown(index, node);
        }
    }

    private void SiftUp(int index, Timed node)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (!IsBefore(node, _nodes[parent]))
            {
                break;
            }

            Place(index, _nodes[parent]);
            index = parent;
        }

        Place(index, node);
    }

    private void SiftDown(int index, Timed node)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= _inHeap)
            {
                break;
            }

            if (child + 1 < _inHeap && IsBefore(_nodes[child + 1], _nodes[child]))
            {
                child++;
            }

            if (!IsBefore(_nodes[child], node))
            {
                break;
            }

            Place(index, _nodes[child]);
            index = child;
        }

        Place(index, node);
    }

    private static bool IsBefore(Timed one, Timed other) =>
        one.Deadline < other.Deadline || (one.Deadline == other.Deadline && one.Turn < other.Turn);

    private void Place(int index, Timed node)
    {
        _nodes[index] = node;
        node.HeapIndex = index;
    }
}
