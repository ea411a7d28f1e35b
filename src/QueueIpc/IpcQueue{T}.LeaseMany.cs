using QueueIpc.Client;
using QueueIpc.Protocol;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    /// <summary>Leases what is there, 1 to <paramref name="max"/> items, waiting for the first one only.</summary>
    /// <param name="max">At most so many. Fewer come when they have more than 1 MiB together, and no more than 65,536; and of a queue that is larger than memory, what is not on the disk alone.</param>
    /// <param name="timeout">How long to wait for the first; zero does not wait at all, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>; nothing was leased then.</param>
    /// <returns>The leases in order, each with a verdict of its own, see <see cref="AckMany"/> for one on all; none when the queue was empty all that time.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is less than 1, or the timeout is negative.</exception>
    /// <exception cref="QueueCompletedException">The queue is completed and nothing is left, or it was deleted.</exception>
    /// <exception cref="ItemSerializationException">The first item cannot be read; it is with the dead items now, and the others are back.</exception>
    public IReadOnlyList<QueueLease<T>> LeaseMany(int max, TimeSpan timeout, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        using var call = BeginGet("LeaseMany", lease: true, max, timeout, ct);
        _queue.Connection.Flush();
        call.Wait(ct);
        return HasItems(call, "LeaseMany", ct) ? TakeLeases(call) : [];
    }

    /// <summary>Like <see cref="LeaseMany"/>, without a thread.</summary>
    /// <param name="max">At most so many. Fewer come when they have more than 1 MiB together, and no more than 65,536; and of a queue that is larger than memory, what is not on the disk alone.</param>
    /// <param name="timeout">How long to wait for the first; zero does not wait at all, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting; nothing was leased then.</param>
    /// <returns>The leases in order; none when the queue was empty all that time.</returns>
    public async ValueTask<IReadOnlyList<QueueLease<T>>> LeaseManyAsync(int max, TimeSpan timeout, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        using var call = BeginGet("LeaseMany", lease: true, max, timeout, ct);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        return HasItems(call, "LeaseMany", ct) ? TakeLeases(call) : [];
    }

    /// <summary>Acks many leases of this handle with one message. When this returns, their items are gone from the queue.</summary>
    /// <param name="leases">The leases. One that was settled before is left out.</param>
    /// <returns>How many were good: fewer than were given when some had been settled or had expired.</returns>
    /// <exception cref="ArgumentException">A lease is of another handle. Nothing was changed.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    public int AckMany(IEnumerable<QueueLease<T>> leases)
    {
        ArgumentNullException.ThrowIfNull(leases);
        QueueLease<T>[] all = [.. leases];
        if (!all.All(lease => lease.IsOf(_queue)))
        {
            throw new ArgumentException($"A lease is not of this handle of queue '{Name}'. Ack it through its own.", nameof(leases));
        }

        var claimed = Array.FindAll(all, lease => lease.TryClaim());
        if (claimed.Length == 0)
        {
            return 0;
        }

        var outcome = Op.LeaseLost;
        try
        {
            using var call = _queue.BeginSettleMany(Op.Ack, Array.ConvertAll(claimed, lease => lease.Token));
            _queue.Connection.Flush();
            call.Wait(CancellationToken.None);
            _queue.ThrowUnlessAnswered(call, nameof(Op.Ack));
            outcome = Op.Ack;
            return checked((int)call.Body.Int64());
        }
        finally
        {
            Array.ForEach(claimed, lease => lease.End(outcome));
        }
    }

    private List<QueueLease<T>> TakeLeases(PendingCall call)
    {
        var rest = call.Items;
        var leases = new List<QueueLease<T>>(rest.Remaining);
        var group = call.Leased!;
        try
        {
            while (rest.Remaining > 0)
            {
                var delivered = rest.Next();
                if (TryRead(delivered, out var item, out var error))
                {
                    group.TryBegin();
                    leases.Add(new QueueLease<T>(group, delivered, item));
                    continue;
                }

                // The first one that cannot be read is the caller's to know of; a later one is, when it has come to the front.
                if (leases.Count == 0)
                {
                    _queue.Settle(Op.DeadLetter, delivered.Token, reason: error.InnerException!.Message);
                    Release(rest);
                    throw error;
                }

                _queue.Settle(Op.Release, delivered.Token);
                Release(rest);
                break;
            }
        }
        finally
        {
            group.Close();
        }

        return leases;
    }
}
