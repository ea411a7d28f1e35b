namespace QueueIpc.Core;

/// <summary>
/// A binary heap by deadline whose members know their place, so that what ended early leaves at once:
/// a million gets with long timeouts that were all served leave nothing behind.
/// What is due at the same time comes in the order it was added: leases of one batch expire in the items' order.
/// </summary>
internal sealed class DeadlineHeap
{
    private Timed[] _nodes = [];
    private long _turns;

    public int Count { get; private set; }

    public long NextDeadline => Count == 0 ? Timed.Never : _nodes[0].Deadline;

    public Timed Earliest => _nodes[0];

    public void Add(Timed node, long deadline)
    {
        node.Deadline = deadline;
        if (deadline == Timed.Never)
        {
            return;
        }

        if (Count == _nodes.Length)
        {
            Array.Resize(ref _nodes, Math.Max(4, Count * 2));
        }

        node.Turn = ++_turns;
        SiftUp(Count++, node);
    }

    public void Remove(Timed node)
    {
        var index = node.HeapIndex;
        if (index < 0)
        {
            return;
        }

        node.HeapIndex = -1;
        var last = _nodes[--Count];
        _nodes[Count] = null!;
        if (!ReferenceEquals(last, node))
        {
            Replace(index, last);
        }
    }

    public void Change(Timed node, long deadline)
    {
        Remove(node);
        Add(node, deadline);
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
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && IsBefore(_nodes[child + 1], _nodes[child]))
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
