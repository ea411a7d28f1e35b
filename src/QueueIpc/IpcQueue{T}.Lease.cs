using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using QueueIpc.Client;
using QueueIpc.Protocol;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    /// <summary>
    /// Takes the first item for the time being, waiting as long as the queue is empty. The item is gone when the lease is acked, and comes
    /// back to its place when the lease is not: when its holder says so, dies, or forgets it.
    /// </summary>
    /// <returns>The lease; say what became of the item with <see cref="QueueLease{T}.Ack"/> or its other verdicts.</returns>
    /// <exception cref="QueueCompletedException">The queue is completed and nothing is left, or it was deleted.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be read as <typeparamref name="T"/>; it is with the dead items now.</exception>
    public QueueLease<T> Lease() => Lease(Timeout.InfiniteTimeSpan);

    /// <summary>Like <see cref="Lease()"/>, but waits no longer than <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="QueueEmptyException">The queue was empty all that time.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public QueueLease<T> Lease(TimeSpan timeout) => TryLease(out var lease, timeout) ? lease : throw Errors.Empty(Name, timeout);

    /// <summary>Like <see cref="Lease()"/>, but can be cancelled.</summary>
    /// <param name="ct">Ends the waiting; nothing was leased then.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before an item came.</exception>
    public QueueLease<T> Lease(CancellationToken ct) => TryLease(out var lease, Timeout.InfiniteTimeSpan, ct) ? lease : throw Errors.Empty(Name, Timeout.InfiniteTimeSpan);

    /// <summary>Leases the first item if there is one within <paramref name="timeout"/>.</summary>
    /// <param name="lease">The lease, or null.</param>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>; nothing was leased then.</param>
    /// <returns>False only when the queue was truly empty for that long.</returns>
    /// <exception cref="QueueCompletedException">The queue is completed and nothing is left, or it was deleted.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be read as <typeparamref name="T"/>; it is with the dead items now.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public bool TryLease([MaybeNullWhen(false)] out QueueLease<T> lease, TimeSpan timeout, CancellationToken ct = default)
    {
        using var call = BeginGet("Lease", lease: true, 1, timeout, ct);
        _queue.Connection.Flush();
        call.Wait(ct);
        lease = HasItems(call, "Lease", ct) ? TakeLease(call) : null;
        return lease is not null;
    }

    /// <summary>Like <see cref="Lease()"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting; nothing was leased then.</param>
    /// <returns>The lease.</returns>
    public ValueTask<QueueLease<T>> LeaseAsync(CancellationToken ct = default) => LeaseAsync(Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="Lease(TimeSpan)"/>, without a thread.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting; nothing was leased then.</param>
    /// <returns>The lease.</returns>
    /// <exception cref="QueueEmptyException">The queue was empty all that time.</exception>
    public async ValueTask<QueueLease<T>> LeaseAsync(TimeSpan timeout, CancellationToken ct = default)
    {
        var (found, lease) = await TryLeaseAsync(timeout, ct).ConfigureAwait(false);
        return found ? lease : throw Errors.Empty(Name, timeout);
    }

    /// <summary>Like <see cref="TryLease"/>, without a thread.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting; nothing was leased then.</param>
    /// <returns>Whether there was an item, and its lease.</returns>
    public async ValueTask<TryGetResult<QueueLease<T>>> TryLeaseAsync(TimeSpan timeout, CancellationToken ct = default)
    {
        using var call = BeginGet("Lease", lease: true, 1, timeout, ct);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        return HasItems(call, "Lease", ct) ? new TryGetResult<QueueLease<T>>(true, TakeLease(call)) : default;
    }

    /// <summary>
    /// Leases item after item, reading ahead as far as the consumer is fast. Ends when the queue is completed and nothing is left.
    /// Items read ahead and not handed over go back when the consumer stops or dies, and no failure is counted for them.
    /// </summary>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The leases; each wants its own verdict.</returns>
    /// <exception cref="ItemSerializationException">An item cannot be read; it is with the dead items now. Read on with a new enumeration.</exception>
    /// <exception cref="QueueCompletedException">The queue was deleted.</exception>
    public IAsyncEnumerable<QueueLease<T>> LeaseAllAsync(CancellationToken ct = default) =>
        new ItemReader<T, QueueLease<T>>(_queue, _codec, lease: true, static (ItemStream<T> from, out QueueLease<T> lease) => from.TryTakeLease(out lease), ct);

    private QueueLease<T> TakeLease(PendingCall call)
    {
        var delivered = call.Items.Next();
        if (!TryRead(delivered, out var item, out var error))
        {
            _queue.Settle(Op.DeadLetter, delivered.Token, reason: error.InnerException!.Message);
            throw error;
        }

        var group = call.Leased!;
        group.TryBegin();
        return new QueueLease<T>(group, delivered, item);
    }
}
