using System.Diagnostics.CodeAnalysis;
using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    /// <summary>Takes the first item of the queue, waiting as long as it is empty. The item is gone from the queue when this returns.</summary>
    /// <returns>The item.</returns>
    /// <exception cref="QueueCompletedException">The queue is completed and nothing is left, or it was deleted.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be read as <typeparamref name="T"/>; it is with the dead items now.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed, before or during the call.</exception>
    public T Get() => Get(Timeout.InfiniteTimeSpan, CancellationToken.None);

    /// <summary>Like <see cref="Get()"/>, but waits no longer than <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <returns>The item.</returns>
    /// <exception cref="QueueEmptyException">The queue was empty all that time.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public T Get(TimeSpan timeout) => Get(timeout, CancellationToken.None);

    /// <summary>Like <see cref="Get()"/>, but can be cancelled.</summary>
    /// <param name="ct">Ends the waiting; nothing was taken then.</param>
    /// <returns>The item.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before an item came.</exception>
    public T Get(CancellationToken ct) => Get(Timeout.InfiniteTimeSpan, ct);

    /// <summary>Takes the first item if there is one right now.</summary>
    /// <param name="item">The item; the type's default when there is none.</param>
    /// <returns>False only when the queue is truly empty.</returns>
    /// <exception cref="QueueCompletedException">The queue is completed and nothing is left, or it was deleted.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be read as <typeparamref name="T"/>; it is with the dead items now.</exception>
    public bool TryGet([MaybeNullWhen(false)] out T item) => TryGet(out item, TimeSpan.Zero);

    /// <summary>Takes the first item if there is one within <paramref name="timeout"/>.</summary>
    /// <param name="item">The item; the type's default when there is none.</param>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>.</param>
    /// <returns>False only when the queue was truly empty for that long.</returns>
    /// <exception cref="QueueCompletedException">The queue is completed and nothing is left, or it was deleted.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be read as <typeparamref name="T"/>; it is with the dead items now.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public bool TryGet([MaybeNullWhen(false)] out T item, TimeSpan timeout, CancellationToken ct = default)
    {
        using var call = BeginGet("Get", lease: false, 1, timeout, ct);
        _queue.Connection.Flush();
        call.Wait(ct);
        var found = HasItems(call, "Get", ct);
        item = found ? Take(call) : default;
        _queue.Connection.Flush();
        return found;
    }

    /// <summary>Like <see cref="Get()"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting; nothing was taken then.</param>
    /// <returns>The item.</returns>
    public ValueTask<T> GetAsync(CancellationToken ct = default) => GetAsync(Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="Get(TimeSpan)"/>, without a thread.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting; nothing was taken then.</param>
    /// <returns>The item.</returns>
    /// <exception cref="QueueEmptyException">The queue was empty all that time.</exception>
    public async ValueTask<T> GetAsync(TimeSpan timeout, CancellationToken ct = default)
    {
        var (found, item) = await TryGetAsync(timeout, ct).ConfigureAwait(false);
        return found ? item : throw Errors.Empty(Name, timeout);
    }

    /// <summary>Like <see cref="TryGet(out T, TimeSpan, CancellationToken)"/>, without a thread.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting; nothing was taken then.</param>
    /// <returns>Whether there was an item, and the item.</returns>
    public async ValueTask<TryGetResult<T>> TryGetAsync(TimeSpan timeout, CancellationToken ct = default)
    {
        using var call = BeginGet("Get", lease: false, 1, timeout, ct);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        if (!HasItems(call, "Get", ct))
        {
            return default;
        }

        var item = Take(call);
        _queue.Connection.FlushTogether();
        return new TryGetResult<T>(true, item);
    }

    /// <summary>Takes what is there, 1 to <paramref name="max"/> items, waiting for the first one only.</summary>
    /// <param name="max">At most so many. Fewer come when they have more than 1 MiB together, and no more than 65,536; and of a queue that is larger than memory, what is not on the disk alone.</param>
    /// <param name="timeout">How long to wait for the first; zero does not wait at all, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>; nothing was taken then.</param>
    /// <returns>The items in order; none when the queue was empty all that time.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is less than 1, or the timeout is negative.</exception>
    /// <exception cref="QueueCompletedException">The queue is completed and nothing is left, or it was deleted.</exception>
    /// <exception cref="ItemSerializationException">The first item cannot be read; it is with the dead items now, and the others are back.</exception>
    public IReadOnlyList<T> GetMany(int max, TimeSpan timeout, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        using var call = BeginGet("GetMany", lease: false, max, timeout, ct);
        _queue.Connection.Flush();
        call.Wait(ct);
        return HasItems(call, "GetMany", ct) ? TakeMany(call) : [];
    }

    /// <summary>Like <see cref="GetMany(int, TimeSpan, CancellationToken)"/>, without a thread.</summary>
    /// <param name="max">At most so many. Fewer come when they have more than 1 MiB together, and no more than 65,536; and of a queue that is larger than memory, what is not on the disk alone.</param>
    /// <param name="timeout">How long to wait for the first; zero does not wait at all, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting; nothing was taken then.</param>
    /// <returns>The items in order; none when the queue was empty all that time.</returns>
    public async ValueTask<IReadOnlyList<T>> GetManyAsync(int max, TimeSpan timeout, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        using var call = BeginGet("GetMany", lease: false, max, timeout, ct);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        return HasItems(call, "GetMany", ct) ? TakeMany(call) : [];
    }

    private T Get(TimeSpan timeout, CancellationToken ct) => TryGet(out var item, timeout, ct) ? item : throw Errors.Empty(Name, timeout);

    private PendingCall BeginGet(string what, bool lease, int max, TimeSpan timeout, CancellationToken ct)
    {
        var waitMicros = Waits.Micros(timeout);
        ct.ThrowIfCancellationRequested();
        var operation = Operation.Get(_queue);
        try
        {
            var call = _queue.BeginGet(what, lease, max, waitMicros);
            call.Operation = operation;
            return call;
        }
        catch (Exception e) when (operation is not null)
        {
            operation.Fail(e);
            throw;
        }
    }

    private bool HasItems(PendingCall call, string what, CancellationToken ct)
    {
        _queue.ThrowUnlessAnswered(call, what, isPut: false, ct);
        return call.Answer.Op == Op.Items;
    }

    /// <summary>Reads the one item that came, and only then confirms that it has arrived; the caller sends that off before it returns.</summary>
    private T Take(PendingCall call)
    {
        var delivered = call.Items.Next();
        if (!TryRead(delivered, out var item, out var error))
        {
            _queue.Settle(Op.DeadLetter, delivered.Token, reason: error.InnerException!.Message);
            throw error;
        }

        _queue.WriteVerdict(Op.Ack, delivered.Token);
        return item;
    }

    private List<T> TakeMany(PendingCall call)
    {
        var items = new List<T>(call.Items.Remaining);
        var rest = call.Items;
        while (rest.Remaining > 0)
        {
            var delivered = rest.Next();
            if (TryRead(delivered, out var item, out var error))
            {
                items.Add(item);
                continue;
            }

            // The first one that cannot be read is the caller's to know of; a later one is, when it has come to the front.
            if (items.Count == 0)
            {
                _queue.Settle(Op.DeadLetter, delivered.Token, reason: error.InnerException!.Message);
                Release(rest);
                throw error;
            }

            _queue.Settle(Op.Release, delivered.Token);
            Release(rest);
            break;
        }

        _queue.ConfirmReceipt(call.Items, items.Count);
        return items;
    }

    private void Release(DeliveredItems rest)
    {
        while (rest.Remaining > 0)
        {
            _queue.Settle(Op.Release, rest.Next().Token);
        }
    }

    private bool TryRead(in DeliveredItem delivered, [MaybeNullWhen(false)] out T item, [NotNullWhen(false)] out ItemSerializationException? error)
    {
        try
        {
            item = _codec.Unpack(delivered.Bytes, delivered.IsNull);
            error = null;
            return true;
        }
        catch (Exception e)
        {
            item = default;
            error = Errors.CannotRead(Name, typeof(T), e, delivered.Bytes.ToArray(), delivered.Sequence);
            return false;
        }
    }
}
