using System.Diagnostics.CodeAnalysis;

namespace QueueIpc.Client;

/// <summary>
/// The requests under way on one connection. A request's number is its place in the table and the place's generation, so that
/// an answer is found without a search, and one that comes too late finds nobody.
/// </summary>
internal sealed class CallTable
{
    private readonly Lock _lock = new();

    // A list, used as a stack: .NET has the code of a List<int> ready, and would compile that of a Stack<int> before a worker's first item.
    private readonly List<int> _free = [];
    private Slot[] _slots = new Slot[16];
    private int _used;
    private bool _closed;

    /// <summary>False when the connection is over.</summary>
    public bool TryAdd(IReplyTarget target, out ulong id)
    {
        lock (_lock)
        {
            id = 0;
            if (_closed)
            {
                return false;
            }

            var index = TakePlace();
            ref var slot = ref _slots[index];
            slot.Target = target;

            // Never 0: that is the number of requests that want no answer.
            slot.Generation = slot.Generation == int.MaxValue ? 1 : slot.Generation + 1;
            id = IdOf(index, slot.Generation);
            return true;
        }
    }

    public bool TryFind(ulong id, [NotNullWhen(true)] out IReplyTarget? target)
    {
        lock (_lock)
        {
            target = IndexOf(id) is var index and >= 0 ? _slots[index].Target : null;
            return target is not null;
        }
    }

    public void Remove(ulong id)
    {
        lock (_lock)
        {
            if (IndexOf(id) is var index and >= 0)
            {
                _slots[index].Target = null;
                _free.Add(index);
            }
        }
    }

    /// <summary>Whoever waited is gone; what still comes for the request goes to <paramref name="heir"/>. False when nothing comes any more.</summary>
    public bool Replace(ulong id, IReplyTarget target, IReplyTarget heir)
    {
        lock (_lock)
        {
            if (IndexOf(id) is var index and >= 0 && ReferenceEquals(_slots[index].Target, target))
            {
                _slots[index].Target = heir;
                return true;
            }

            return false;
        }
    }

    public IReadOnlyList<(ulong Id, IReplyTarget Target)> All()
    {
        lock (_lock)
        {
            var all = new List<(ulong Id, IReplyTarget Target)>();
            for (var index = 0; index < _used; index++)
            {
                if (_slots[index] is { Target: { } target } slot)
                {
                    all.Add((IdOf(index, slot.Generation), target));
                }
            }

            return all;
        }
    }

    /// <summary>Gives out the requests that are under way; others may come.</summary>
    public IReadOnlyList<(ulong Id, IReplyTarget Target)> TakeAll()
    {
        lock (_lock)
        {
            var all = All();
            foreach (var (id, _) in all)
            {
                Remove(id);
            }

            return all;
        }
    }

    /// <summary>Takes no request any more, and gives out those that were under way.</summary>
    public IReadOnlyList<(ulong Id, IReplyTarget Target)> Close()
    {
        lock (_lock)
        {
            var all = All();
            _closed = true;
            Array.Clear(_slots);
            return all;
        }
    }

    private int TakePlace()
    {
        if (_free.Count > 0)
        {
            var last = _free[^1];
            _free.RemoveAt(_free.Count - 1);
            return last;
        }

        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, _used * 2);
        }

        return _used++;
    }

    private static ulong IdOf(int index, int generation) => ((ulong)generation << 32) | (uint)index;

    private int IndexOf(ulong id)
    {
        var index = (uint)id;
        return index < (uint)_used && _slots[index] is { Target: not null } slot && slot.Generation == (int)(id >> 32) ? (int)index : -1;
    }

    private struct Slot
    {
        public IReplyTarget? Target;
        public int Generation;
    }
}
