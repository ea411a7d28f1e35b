using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>Collects acks of leases that are certainly alive, and sends many at a time.</summary>
internal interface IAckBatch
{
    /// <summary>Takes the ack along, within milliseconds; false when it has to go by itself.</summary>
    bool TryAck(ulong token);
}

/// <summary>A lease as its holder's connection knows it.</summary>
internal sealed class LeaseState(ClientQueue queue, ulong token, object lease)
{
    private object? _lease = lease;
    private WeakReference? _weakLease;
    private int _settled;

    public ClientQueue Queue { get; } = queue;

    public ulong Token { get; } = token;

    /// <summary>Until when the user has extended it, by the machine's clock.</summary>
    public long ExtendedUntil { get; set; }

    public LeaseState? Previous { get; set; }

    public LeaseState? Next { get; set; }

    /// <summary>True for the first verdict only.</summary>
    public bool TrySettle() => Interlocked.Exchange(ref _settled, 1) == 0;

    public bool IsSettled => Volatile.Read(ref _settled) == 1;

    /// <summary>
    /// Whether anybody can still settle it. Most leases are settled before this is asked for the first time, and never
    /// pay for a weak reference.
    /// </summary>
    public bool IsReachable()
    {
        if (_lease is not null)
        {
            _weakLease = new WeakReference(_lease);
            _lease = null;
            return true;
        }

        return _weakLease!.IsAlive;
    }
}

/// <summary>Extends the leases of one connection for as long as the objects that stand for them are alive. A forgotten one expires.</summary>
internal sealed class LeaseKeeper(ClientConnection connection) : IDue, IDisposable
{
    /// <summary>Leases are extended so often within their time that two attempts may fail.</summary>
    private const int ExtensionsPerLease = 3;

    private readonly Lock _lock = new();
    private LeaseState? _first;
    private long _nextDue = Timed.Never;
    private bool _disposed;

    /// <summary>From now on it is kept alive. It began at <paramref name="begunAt"/>, or later.</summary>
    public void Add(LeaseState lease, long begunAt)
    {
        var due = Timed.Never;
        lock (_lock)
        {
            if (_disposed || lease.Queue.LeaseMicros == 0)
            {
                return;
            }

            lease.Next = _first;
            if (_first is not null)
            {
                _first.Previous = lease;
            }

            _first = lease;
            due = begunAt + (lease.Queue.LeaseMicros / ExtensionsPerLease);
            if (due >= _nextDue)
            {
                return;
            }

            _nextDue = due;
        }

        connection.Clock.Schedule(this, due);
    }

    public void Remove(LeaseState lease)
    {
        lock (_lock)
        {
            if (lease.Previous is not null)
            {
                lease.Previous.Next = lease.Next;
            }
            else if (ReferenceEquals(_first, lease))
            {
                _first = lease.Next;
            }
            else
            {
                return;
            }

            if (lease.Next is not null)
            {
                lease.Next.Previous = lease.Previous;
            }

            lease.Previous = lease.Next = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _first = null;
        }
    }

    void IDue.OnDue(long now)
    {
        var due = Timed.Never;
        var forgotten = new List<LeaseState>();
        lock (_lock)
        {
            for (var lease = _first; lease is not null; lease = lease.Next)
            {
                if (!lease.IsReachable())
                {
                    forgotten.Add(lease);
                    continue;
                }

                due = Math.Min(due, now + (lease.Queue.LeaseMicros / ExtensionsPerLease));
                if (lease.ExtendedUntil < now + lease.Queue.LeaseMicros)
                {
                    WriteExtend(lease);
                }
            }

            _nextDue = due;
        }

        connection.FlushSoon();
        foreach (var lease in forgotten)
        {
            Remove(lease);
            Log.LeaseForgotten(connection.Logger, lease.Queue.Name);
            lease.Queue.Release();
        }

        if (due != Timed.Never)
        {
            connection.Clock.Schedule(this, due);
        }
    }

    private void WriteExtend(LeaseState lease)
    {
        lock (connection.SyncRoot)
        {
            var to = connection.Out;
            to.BeginFrame(Op.Extend, lease.Queue.Id, 0);
            to.Int64(lease.Queue.LeaseMicros);
            to.Int32(1);
            to.UInt64(lease.Token);
            to.EndFrame();
        }
    }
}
