using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>Extends the leases of one connection from the moment they have come, for as long as somebody waits for them or the objects that stand for them are alive. A forgotten one expires.</summary>
internal sealed class LeaseKeeper(ClientConnection connection) : Due, IDisposable
{
    /// <summary>Leases are extended so often within their time that two attempts may fail.</summary>
    private const int ExtensionsPerLease = 3;

    private readonly Lock _lock = new();
    private LeaseGroup? _first;
    private long _nextDue = Never;
    private bool _disposed;

    /// <summary>From now on they are kept alive. They began at <paramref name="begunAt"/>, or later.</summary>
    public void Add(LeaseGroup group, long begunAt)
    {
        lock (_lock)
        {
            if (_disposed || group.Queue.LeaseMicros == 0)
            {
                return;
            }

            group.Next = _first;
            if (_first is not null)
            {
                _first.Previous = group;
            }

            _first = group;
        }

        BeDue(begunAt + (group.Queue.LeaseMicros / ExtensionsPerLease));
    }

    /// <summary>A lease was handed over so late that it should have been extended already.</summary>
    public void Hurry() => BeDue(connection.Clock.Now);

    public void Remove(LeaseGroup group)
    {
        lock (_lock)
        {
            if (group.Previous is not null)
            {
                group.Previous.Next = group.Next;
            }
            else if (ReferenceEquals(_first, group))
            {
                _first = group.Next;
            }
            else
            {
                return;
            }

            if (group.Next is not null)
            {
                group.Next.Previous = group.Previous;
            }

            group.Previous = group.Next = null;
        }
    }

    /// <summary>None of them is alive any more: their connection is gone.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            while (_first is { } group)
            {
                _first = group.Next;
                group.Previous = group.Next = null;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _first = null;
        }

        connection.Clock.Forget(this);
    }

    public override void OnDue(long now)
    {
        var due = Never;
        var forgotten = new List<(LeaseGroup Group, int Leases)>();
        var alive = new List<ulong>();
        lock (_lock)
        {
            if (now < _nextDue)
            {
                connection.Clock.Schedule(this, _nextDue);
                return;
            }

            for (var group = _first; group is not null; group = group.Next)
            {
                forgotten.Add((group, group.Look(alive, now + group.Queue.LeaseMicros)));
                WriteExtend(group.Queue, alive);
                alive.Clear();
                due = Math.Min(due, now + (group.Queue.LeaseMicros / ExtensionsPerLease));
            }

            _nextDue = due;
            if (due != Never)
            {
                connection.Clock.Schedule(this, due);
            }
        }

        connection.FlushSoon();
        foreach (var (group, leases) in forgotten)
        {
            EndForgotten(group, leases);
        }
    }

    private void BeDue(long at)
    {
        lock (_lock)
        {
            if (at >= _nextDue)
            {
                return;
            }

            _nextDue = at;
            connection.Clock.Schedule(this, at);
        }
    }

    private void EndForgotten(LeaseGroup group, int leases)
    {
        for (var i = 0; i < leases; i++)
        {
            Log.LeaseForgotten(connection.Logger, group.Queue.Name);
            group.End();
        }
    }

    private void WriteExtend(ClientQueue queue, List<ulong> leases)
    {
        if (leases.Count == 0)
        {
            return;
        }

        lock (connection.SyncRoot)
        {
            var to = connection.Out;
            to.BeginFrame(Op.Extend, queue.Id, 0);
            to.Int64(queue.LeaseMicros);
            to.Int32(leases.Count);
            foreach (var token in leases)
            {
                to.UInt64(token);
            }

            to.EndFrame();
        }
    }
}
