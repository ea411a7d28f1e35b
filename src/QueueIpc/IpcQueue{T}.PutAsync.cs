using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    private readonly Lock _togetherLock = new();
    private Batch? _together;
    private PutsTogether? _putsTogether;
    private int _togetherUnderWay;

    /// <summary>Like <see cref="Put(T)"/>, without a thread. Many may be in flight; they are accepted in the order of the calls.</summary>
    /// <param name="item">The item. It is serialised before this returns its task.</param>
    /// <param name="ct">Ends the waiting; nothing was put then.</param>
    /// <returns>Ends when the broker owns the item.</returns>
    public ValueTask PutAsync(T item, CancellationToken ct = default) =>
        CanGoTogether(ct) ? PutTogether(item, toChannel: false) : PutAsync(item, Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="PutAsync(T, CancellationToken)"/>, but waits no longer than <paramref name="timeout"/>.</summary>
    /// <param name="item">The item.</param>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting; nothing was put then.</param>
    /// <returns>Ends when the broker owns the item.</returns>
    /// <exception cref="QueueFullException">The queue was full all that time; nothing was put.</exception>
    public async ValueTask PutAsync(T item, TimeSpan timeout, CancellationToken ct = default)
    {
        var waitMicros = Waits.Micros(timeout);
        ct.ThrowIfCancellationRequested();
        using var call = BeginPut(item, waitMicros);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        if (!WasAccepted(call, ct))
        {
            throw Errors.Full(Name, _queue.Capacity, timeout);
        }
    }

    /// <summary>Like <see cref="PutAsync(T, CancellationToken)"/>, but a completed queue is a closed channel.</summary>
    internal ValueTask WriteAsync(T item, CancellationToken ct) => CanGoTogether(ct) ? PutTogether(item, toChannel: true) : WriteAloneAsync(item, ct);

    /// <summary>Ends when there was room: a put of no items.</summary>
    internal async ValueTask WaitForRoomAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var nothing = new PackedWriter();
        using var call = BeginPut(ref nothing, 0, ProtocolLimits.Forever);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        WasAccepted(call, ct);
    }

    private async ValueTask WriteAloneAsync(T item, CancellationToken ct)
    {
        try
        {
            await PutAsync(item, Timeout.InfiniteTimeSpan, ct).ConfigureAwait(false);
        }
        catch (QueueCompletedException e)
        {
            throw Errors.ChannelClosed(e);
        }
    }

    /// <summary>Whether nothing but the broker's answer is waited for, and no trace of its own goes with the item.</summary>
    private bool CanGoTogether(CancellationToken ct) => !ct.CanBeCanceled && _queue.Capacity == 0 && _queue.MaxBytes == 0 && !Telemetry.Source.HasListeners();

    /// <summary>
    /// Puts that come while another is under way go together in the next frame. They share its answer, which says how many of them were accepted.
    /// </summary>
    private ValueTask PutTogether(T item, bool toChannel)
    {
        lock (_togetherLock)
        {
            try
            {
                ObjectDisposedException.ThrowIf(_queue.IsDisposed, this);
                (_together ??= new Batch(this)).Add(item);
            }
            catch (Exception e)
            {
                // As from any other call without a thread: whoever awaits it is told.
                return ValueTask.FromException(e);
            }

            var put = (_putsTogether ??= new PutsTogether(_queue.Connection.IsSimulated)).At(_together.Count - 1, toChannel);
            if (_togetherUnderWay == 0 || _together.IsFull)
            {
                SendTogetherNeedsLock();
            }

            return put;
        }
    }

    /// <summary>Whatever is put after them must come after them.</summary>
    private void SendTogether()
    {
        if (Volatile.Read(ref _putsTogether) is null)
        {
            return;
        }

        lock (_togetherLock)
        {
            SendTogetherNeedsLock();
        }
    }

    private void SendTogetherNeedsLock()
    {
        if (_putsTogether is not { } puts)
        {
            return;
        }

        _putsTogether = null;
        _togetherUnderWay++;

        // Whoever put the items awaits it, by what it ends.
        _ = FinishTogether(puts, _together!);
    }

    private async Task FinishTogether(PutsTogether puts, Batch batch)
    {
        var accepted = 0;
        try
        {
            using var call = batch.Begin();
            _queue.Connection.FlushTogether();
            await call.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            accepted = AcceptedBy(call);
            WasAccepted(call, CancellationToken.None);
            puts.End(accepted, failure: null);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or ArgumentException)
        {
            puts.End(accepted, e);
        }

        lock (_togetherLock)
        {
            _togetherUnderWay--;
            if (_togetherUnderWay == 0)
            {
                SendTogetherNeedsLock();
            }
        }
    }

    /// <summary>Where memory was short, the end of the queue or of this handle may find a batch accepted in part: every answer to a put but a refusal says how far.</summary>
    private static int AcceptedBy(PendingCall call) =>
        call is { State: CallState.Answered, Answer.Op: not Op.Refused } ? checked((int)call.Body.Int64()) : 0;
}
