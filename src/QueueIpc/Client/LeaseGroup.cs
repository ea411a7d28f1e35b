using QueueIpc.Core;

namespace QueueIpc.Client;

/// <summary>A lease, as whoever keeps it alive sees it.</summary>
internal interface IKeptLease
{
    ulong Token { get; }

    /// <summary>Until when the user has extended it, by the machine's clock.</summary>
    long ExtendedUntil { get; }
}

/// <summary>Collects acks of leases that are certainly alive, and sends many at a time.</summary>
internal interface IAckBatch
{
    /// <summary>Takes the ack along, within milliseconds; false when it has to go by itself.</summary>
    bool TryAck(ulong token);
}

/// <summary>
/// Leases that came together: what they have in common is kept once. A place is empty before its lease is handed over and after its verdict.
/// Those that wait to be handed over are kept alive by their tokens.
/// The group uses its queue until it is closed and every lease has ended.
/// </summary>
internal sealed class LeaseGroup
{
    private readonly object?[] _places;
    private readonly IAckBatch? _batch;
    private readonly long _batchedUntil;
    private readonly int _epoch;
    private ulong[]? _arrived;
    private int _kept;
    private int _users = 1;
    private int _closed;
    private volatile bool _wasLookedAt;

    /// <param name="queue">Where the leases are from.</param>
    /// <param name="count">How many there are at most.</param>
    /// <param name="begunAt">A moment before they began. As long as half their time is not over since, an ack needs no answer: it cannot come too late.</param>
    /// <param name="batch">What takes their acks along, if they came in a stream.</param>
    /// <param name="arrived">Their tokens, if somebody waits for them: who is to get them may have no thread for a while.</param>
    public LeaseGroup(ClientQueue queue, int count, long begunAt, IAckBatch? batch = null, ulong[]? arrived = null)
    {
        (Queue, _places, _batch, _arrived) = (queue, new object?[count], batch, arrived);
        _epoch = queue.Connection.Epoch;
        _batchedUntil = queue.LeaseMicros == 0 ? long.MaxValue : begunAt + (queue.LeaseMicros / 2);

        // The leases are here already. If the handle is disposed just now, they are the caller's all the same: refused, they would be nobody's.
        queue.AddUser(evenIfDisposed: true);
        queue.Connection.Leases.Add(this, begunAt);
    }

    public ClientQueue Queue { get; }

    public LeaseGroup? Previous { get; set; }

    public LeaseGroup? Next { get; set; }

    /// <summary>One more lease is about to be handed over, and ends with <see cref="End"/>. False when the group is closed.</summary>
    public bool TryBegin()
    {
        for (var users = Volatile.Read(ref _users); users > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>From now on the lease is kept alive. One thread at a time. Answers its place.</summary>
    public int Keep(IKeptLease lease)
    {
        var place = _kept;
        Volatile.Write(ref _places[place], lease);
        Volatile.Write(ref _kept, place + 1);
        if (_wasLookedAt)
        {
            Queue.Connection.Leases.Hurry();
        }

        return place;
    }

    /// <summary>True for the first verdict only. Whoever gives it calls <see cref="End"/> then.</summary>
    public bool TrySettle(int place) => Interlocked.Exchange(ref _places[place], null) is not null;

    public bool IsSettled(int place) => Volatile.Read(ref _places[place]) is null;

    public bool TryAckInBatch(ulong token) => _batch is not null && _epoch == Queue.Connection.Epoch && Queue.Connection.Clock.Now < _batchedUntil && _batch.TryAck(token);

    /// <summary>Whether those that were not handed over yet are kept alive; true of none when it is closed.</summary>
    public bool KeepsRest => Volatile.Read(ref _arrived) is not null || Volatile.Read(ref _closed) == 1;

    /// <summary>Those that were not handed over yet are kept alive from now on, too. Not while it is being closed.</summary>
    /// <param name="tokens">Of all leases of the group.</param>
    public void KeepRest(ulong[] tokens)
    {
        if (Volatile.Read(ref _closed) == 0)
        {
            Volatile.Write(ref _arrived, tokens);
        }
    }

    /// <summary>No more leases are handed over.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            Volatile.Write(ref _arrived, null);
            End();
        }
    }

    public void End()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Queue.Connection.Leases.Remove(this);
            Queue.Release();
        }
    }

    /// <summary>
    /// The tokens of leases that somebody can still settle, and that the user has not extended beyond <paramref name="until"/>; and how many nobody can any more:
    /// those have no place from here on, and end with the caller.
    /// </summary>
    public int Look(List<ulong> alive, long until)
    {
        var forgotten = 0;
        var arrived = Volatile.Read(ref _arrived);
        _wasLookedAt = true;
        for (var place = 0; place < _places.Length; place++)
        {
            var kept = Volatile.Read(ref _places[place]);

            // Most leases are settled before anybody looks, and never pay for a weak reference.
            var lease = kept is WeakReference<IKeptLease> reference ? (reference.TryGetTarget(out var target) ? target : null) : (IKeptLease?)kept;
            if (lease is not null)
            {
                if (lease.ExtendedUntil < until)
                {
                    alive.Add(lease.Token);
                }

                if (ReferenceEquals(lease, kept))
                {
                    Interlocked.CompareExchange(ref _places[place], new WeakReference<IKeptLease>(lease), kept);
                }
            }
            else if (kept is not null && TrySettle(place))
            {
                forgotten++;
            }
            else if (kept is null && arrived is not null && place >= Volatile.Read(ref _kept))
            {
                alive.Add(arrived[place]);
            }
        }

        return forgotten;
    }
}
