using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    /// <summary>Puts an item at the end of the queue, waiting as long as it is full. When this returns, the broker owns the item.</summary>
    /// <param name="item">The item; null is one as well. It is serialised before this returns.</param>
    /// <exception cref="QueueCompletedException">The queue is completed, or was deleted.</exception>
    /// <exception cref="ItemTooLargeException">The item is larger than the broker, or the queue, ever takes.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be serialised; nothing was put.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone; the message says whether the item may have been accepted.</exception>
    /// <exception cref="ObjectDisposedException">This handle is disposed, before or during the call.</exception>
    public void Put(T item) => Put(item, ProtocolLimits.Forever, Timeout.InfiniteTimeSpan, CancellationToken.None);

    /// <summary>Like <see cref="Put(T)"/>, but waits no longer than <paramref name="timeout"/>.</summary>
    /// <param name="item">The item.</param>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <exception cref="QueueFullException">The queue was full all that time; nothing was put.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public void Put(T item, TimeSpan timeout) => Put(item, Waits.Micros(timeout), timeout, CancellationToken.None);

    /// <summary>Like <see cref="Put(T)"/>, but can be cancelled.</summary>
    /// <param name="item">The item.</param>
    /// <param name="ct">Ends the waiting; nothing was put then.</param>
    /// <exception cref="OperationCanceledException">It was cancelled before the item was accepted.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone, or did not answer the cancellation either; whether the item was accepted is unknown.</exception>
    public void Put(T item, CancellationToken ct) => Put(item, ProtocolLimits.Forever, Timeout.InfiniteTimeSpan, ct);

    /// <summary>Puts an item if there is room right now.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False when the queue is full.</returns>
    /// <exception cref="QueueCompletedException">The queue is completed, or was deleted.</exception>
    /// <exception cref="ItemTooLargeException">The item is larger than the broker, or the queue, ever takes.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be serialised; nothing was put.</exception>
    public bool TryPut(T item) => TryPut(item, TimeSpan.Zero);

    /// <summary>Puts an item if there is room within <paramref name="timeout"/>.</summary>
    /// <param name="item">The item.</param>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>.</param>
    /// <returns>False when the queue was full all that time.</returns>
    /// <exception cref="QueueCompletedException">The queue is completed, or was deleted.</exception>
    /// <exception cref="ItemTooLargeException">The item is larger than the broker, or the queue, ever takes.</exception>
    /// <exception cref="ItemSerializationException">The item cannot be serialised; nothing was put.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public bool TryPut(T item, TimeSpan timeout, CancellationToken ct = default)
    {
        var waitMicros = Waits.Micros(timeout);
        ct.ThrowIfCancellationRequested();
        using var call = BeginPut(item, waitMicros);
        _queue.Connection.Flush();
        call.Wait(ct);
        return WasAccepted(call, ct);
    }

    private void Put(T item, long waitMicros, TimeSpan timeout, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var call = BeginPut(item, waitMicros);
        _queue.Connection.Flush();
        call.Wait(ct);
        if (!WasAccepted(call, ct))
        {
            throw Errors.Full(Name, _queue.Capacity, timeout);
        }
    }

    private bool WasAccepted(PendingCall call, CancellationToken ct)
    {
        _queue.ThrowUnlessAnswered(call, "Put", isPut: true, ct);
        return call.Answer.Op == Op.Done;
    }

    private PendingCall BeginPut(T item, long waitMicros)
    {
        ObjectDisposedException.ThrowIf(_queue.IsDisposed, this);
        SendTogether();
        var operation = Operation.Put(_queue);
        var scratch = Scratch.Rent();
        try
        {
            Pack(scratch, item, operation?.Note);
            return BeginPut(ref scratch, 1, waitMicros, operation);
        }
        catch (Exception e) when (operation is not null)
        {
            operation.Fail(e);
            throw;
        }
        finally
        {
            Scratch.Return(scratch);
        }
    }

    /// <summary>Sends packed items. The writer is then the call's, and replaced by another.</summary>
    private PendingCall BeginPut(ref PackedWriter packed, int count, long waitMicros, Operation? operation = null)
    {
        var call = _queue.Begin("Put", waitMicros);
        call.Operation = operation;
        lock (_queue.Connection.SyncRoot)
        {
            // The bytes stay with the call: they may be sent from there, and have to be sent again if the broker comes back.
            (call.Packed, packed) = (packed, call.Spare ?? new PackedWriter());
            call.Spare = null;
            _queue.Connection.WritePut(call, count);
        }

        return call;
    }

    private void Pack(PackedWriter to, T item, byte[]? note, int? index = null)
    {
        var start = to.WrittenCount;
        int bytes;
        try
        {
            bytes = _codec.Pack(to, item);
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            throw Errors.CannotWrite(Name, typeof(T), e, index);
        }

        if (bytes > _queue.Connection.MaxItemBytes)
        {
            throw Errors.TooLarge(Name, bytes, _queue.Connection.MaxItemBytes, index);
        }

        // The broker would say so as well, but of a whole batch: those before this item are to be put.
        if (_queue.MaxBytes > 0 && bytes > _queue.MaxBytes)
        {
            throw Errors.NeverFits(Name, _queue.MaxBytes, index);
        }

        // Rather an item without its trace than none.
        if (note is not null && bytes + note.Length <= _queue.Connection.MaxItemBytes && (_queue.MaxBytes == 0 || bytes + note.Length <= _queue.MaxBytes))
        {
            ItemCodec<T>.AddNote(to, start, note);
        }
    }
}
