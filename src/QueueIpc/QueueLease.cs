using System.Diagnostics;
using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

/// <summary>
/// An item that its holder has for the time being. While this object is alive, and its process too, the lease extends itself. It ends with one verdict;
/// a second one, or one on a lease that was lost, throws <see cref="LeaseLostException"/> and changes nothing.
/// </summary>
/// <remarks>
/// Verdicts and extensions throw <see cref="BrokerUnavailableException"/> when the broker is gone or does not answer, and <see cref="ObjectDisposedException"/> when the
/// connection was closed; whether they still counted is then unknown. A token that is cancelled before an asynchronous verdict begins leaves the lease as it was.
/// </remarks>
/// <typeparam name="T">The type of the item.</typeparam>
public sealed partial class QueueLease<T> : IKeptLease, IDisposable
{
    private readonly LeaseGroup _group;
    private readonly int _place;
    private long _extendedUntil;

    /// <param name="group">The leases that came with it; one more has begun there.</param>
    /// <param name="delivered">What came with the item.</param>
    /// <param name="item">The item.</param>
    internal QueueLease(LeaseGroup group, in DeliveredItem delivered, T item)
    {
        (_group, Token, Item, Failures, KnownSequence) = (group, delivered.Token, item, delivered.Failures, delivered.Sequence);
        _leasedAt = Telemetry.ProcessDuration.Enabled ? Stopwatch.GetTimestamp() : 0;
        _trace = delivered.HasNote && TraceNote.TryRead(delivered.Note, out var trace) ? trace : null;
        _place = group.Keep(this);
    }

    /// <summary>The item.</summary>
    public T Item { get; }

    /// <summary>How often the item has failed before: its holder crashed or nacked it, or its lease expired.</summary>
    public int Failures { get; }

    /// <summary>The item's place in the queue, counted from 1 by the broker as it accepted items; the same each time it is delivered, and when it is dead.</summary>
    /// <exception cref="NotSupportedException">The broker is an older one that does not say it.</exception>
    public long Sequence => KnownSequence > 0 ? KnownSequence : throw Errors.NeedsNewerBroker(nameof(Sequence), _group.Queue.Connection);

    /// <summary>Whether a verdict was given already. A lease that expired without one is not settled.</summary>
    public bool IsSettled => _group.IsSettled(_place);

    /// <summary>
    /// The item is done with. When this returns, it is gone from the queue; a lease from <see cref="IpcQueue{T}.LeaseAllAsync"/> may share the
    /// broker's attention with others, and its item is gone within milliseconds, also if this process is killed before. If a broker that keeps items on disk dies in
    /// that time, such an item comes again.
    /// </summary>
    /// <exception cref="LeaseLostException">The lease has ended before.</exception>
    public void Ack()
    {
        ClaimVerdict();
        if (!TryAckInBatch())
        {
            SettleClaimed(Op.Ack);
        }
    }

    /// <summary>Like <see cref="Ack"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting for the broker's answer; the verdict stands.</param>
    /// <returns>Ends when the item is gone from the queue, or will be within milliseconds.</returns>
    public ValueTask AckAsync(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        ClaimVerdict();
        return TryAckInBatch() ? ValueTask.CompletedTask : SettleClaimedAsync(Op.Ack, ct);
    }

    /// <summary>The holder failed with the item: it goes back to its place, or is dead if it has failed too often.</summary>
    /// <param name="delay">How long it stays away from everyone first; none by default.</param>
    /// <exception cref="LeaseLostException">The lease has ended before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public void Nack(TimeSpan delay = default) => Settle(Op.Nack, DelayMicros(delay));

    /// <summary>Like <see cref="Nack(TimeSpan)"/>, without a thread.</summary>
    /// <param name="delay">How long it stays away from everyone first; none by default.</param>
    /// <param name="ct">Ends the waiting for the broker's answer; the verdict stands.</param>
    /// <returns>Ends when the item is back.</returns>
    public ValueTask NackAsync(TimeSpan delay = default, CancellationToken ct = default) => SettleAsync(Op.Nack, ct, DelayMicros(delay));

    /// <summary>Like <see cref="Nack(TimeSpan)"/>, and says why. If the item is dead with that, it is what the dead item's reason says. An older broker is not told.</summary>
    /// <param name="delay">How long it stays away from everyone first; zero for not at all.</param>
    /// <param name="reason">Why, for whoever looks at it later; 1,024 characters at most are kept.</param>
    /// <exception cref="LeaseLostException">The lease has ended before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public void Nack(TimeSpan delay, string reason) => Settle(Op.Nack, DelayMicros(delay), reason ?? throw new ArgumentNullException(nameof(reason)));

    /// <summary>Like <see cref="Nack(TimeSpan, string)"/>, without a thread.</summary>
    /// <param name="delay">How long it stays away from everyone first; zero for not at all.</param>
    /// <param name="reason">Why, for whoever looks at it later; 1,024 characters at most are kept.</param>
    /// <param name="ct">Ends the waiting for the broker's answer; the verdict stands.</param>
    /// <returns>Ends when the item is back.</returns>
    public ValueTask NackAsync(TimeSpan delay, string reason, CancellationToken ct = default) =>
        SettleAsync(Op.Nack, ct, DelayMicros(delay), reason ?? throw new ArgumentNullException(nameof(reason)));

    /// <summary>The item goes back to its place, and nothing is held against it.</summary>
    /// <exception cref="LeaseLostException">The lease has ended before.</exception>
    public void Release() => Settle(Op.Release);

    /// <summary>Like <see cref="Release"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting for the broker's answer; the verdict stands.</param>
    /// <returns>Ends when the item is back.</returns>
    public ValueTask ReleaseAsync(CancellationToken ct = default) => SettleAsync(Op.Release, ct);

    /// <summary>The item is hopeless: it goes to the dead items at once.</summary>
    /// <param name="reason">Why, for whoever looks at it later; 1,024 characters at most are kept.</param>
    /// <exception cref="LeaseLostException">The lease has ended before.</exception>
    public void DeadLetter(string reason) => Settle(Op.DeadLetter, reason: reason ?? throw new ArgumentNullException(nameof(reason)));

    /// <summary>Like <see cref="DeadLetter"/>, without a thread.</summary>
    /// <param name="reason">Why, for whoever looks at it later; 1,024 characters at most are kept.</param>
    /// <param name="ct">Ends the waiting for the broker's answer; the verdict stands.</param>
    /// <returns>Ends when the item is with the dead.</returns>
    public ValueTask DeadLetterAsync(string reason, CancellationToken ct = default) =>
        SettleAsync(Op.DeadLetter, ct, reason: reason ?? throw new ArgumentNullException(nameof(reason)));

    /// <summary>The lease lasts at least so long from now on, even if this process gives no sign of life.</summary>
    /// <param name="time">How long; more than zero.</param>
    /// <exception cref="LeaseLostException">The lease has ended before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is not more than zero.</exception>
    public void Extend(TimeSpan time)
    {
        var micros = ExtendMicros(time);
        using var call = BeginExtend(micros);
        _group.Queue.Connection.Flush();
        call.Wait(CancellationToken.None);
        Conclude(call, Op.Extend);
        Volatile.Write(ref _extendedUntil, _group.Queue.Connection.Clock.Now + micros);
    }

    /// <summary>Like <see cref="Extend"/>, without a thread.</summary>
    /// <param name="time">How long; more than zero.</param>
    /// <param name="ct">Ends the waiting for the broker's answer.</param>
    /// <returns>Ends when the lease is extended.</returns>
    public async ValueTask ExtendAsync(TimeSpan time, CancellationToken ct = default)
    {
        var micros = ExtendMicros(time);
        ct.ThrowIfCancellationRequested();
        using var call = BeginExtend(micros);
        _group.Queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        Conclude(call, Op.Extend);
        Volatile.Write(ref _extendedUntil, _group.Queue.Connection.Clock.Now + micros);
    }

    /// <summary>Without a verdict before, this is <see cref="Nack(TimeSpan)"/>: whoever leaves in the middle has failed. It never throws.</summary>
    public void Dispose()
    {
        if (!_group.TrySettle(_place))
        {
            return;
        }

        if (_group.Queue.Connection.IsLost)
        {
            End(Op.LeaseLost);
            return;
        }

        _group.Queue.Settle(Op.Nack, Token);
        End(Op.Nack);
    }

    private static long DelayMicros(TimeSpan delay) => delay >= TimeSpan.Zero
        ? delay.ToMicros()
        : throw new ArgumentOutOfRangeException(nameof(delay), delay, "A delay is zero or more.");

    private static long ExtendMicros(TimeSpan time) => time > TimeSpan.Zero
        ? time.ToMicros()
        : throw new ArgumentOutOfRangeException(nameof(time), time, "A lease is extended by more than zero.");

    internal ulong Token { get; }

    /// <summary>0 where the broker does not say it.</summary>
    internal long KnownSequence { get; }

    ulong IKeptLease.Token => Token;

    long IKeptLease.ExtendedUntil => Volatile.Read(ref _extendedUntil);

    internal bool IsOf(ClientQueue queue) => ReferenceEquals(_group.Queue, queue);

    /// <summary>Whoever claims the verdict gives it, and then calls <see cref="End"/> with what came of it.</summary>
    internal bool TryClaim() => _group.TrySettle(_place);

    internal void End(Op outcome)
    {
        Measure(outcome);
        _group.End();
    }

    private bool TryAckInBatch()
    {
        if (!_group.TryAckInBatch(Token))
        {
            return false;
        }

        End(Op.Ack);
        return true;
    }

    private void Settle(Op verdict, long micros = 0, string? reason = null)
    {
        ClaimVerdict();
        SettleClaimed(verdict, micros, reason);
    }

    private ValueTask SettleAsync(Op verdict, CancellationToken ct, long micros = 0, string? reason = null)
    {
        ct.ThrowIfCancellationRequested();
        ClaimVerdict();
        return SettleClaimedAsync(verdict, ct, micros, reason);
    }

    private void SettleClaimed(Op verdict, long micros = 0, string? reason = null)
    {
        var outcome = Op.LeaseLost;
        try
        {
            using var call = _group.Queue.BeginSettle(verdict, Token, micros, reason, KnownSequence);
            _group.Queue.Connection.Flush();
            call.Wait(CancellationToken.None);
            Conclude(call, verdict);
            outcome = verdict;
        }
        finally
        {
            End(outcome);
        }
    }

    private async ValueTask SettleClaimedAsync(Op verdict, CancellationToken ct, long micros = 0, string? reason = null)
    {
        var outcome = Op.LeaseLost;
        try
        {
            using var call = _group.Queue.BeginSettle(verdict, Token, micros, reason, KnownSequence);
            _group.Queue.Connection.FlushTogether();
            await call.WaitAsync(ct).ConfigureAwait(false);
            Conclude(call, verdict);
            outcome = verdict;
        }
        finally
        {
            End(outcome);
        }
    }

    private PendingCall BeginExtend(long micros) => _group.IsSettled(_place)
        ? throw Errors.LeaseLost(_group.Queue.Name)
        : _group.Queue.BeginSettle(Op.Extend, Token, micros);

    private void ClaimVerdict()
    {
        if (!_group.TrySettle(_place))
        {
            throw Errors.LeaseLost(_group.Queue.Name);
        }
    }

    private void Conclude(PendingCall call, Op verdict)
    {
        _group.Queue.ThrowUnlessAnswered(call, verdict.ToString());
        if (call.Answer.Op == Op.LeaseLost)
        {
            throw Errors.LeaseLost(_group.Queue.Name);
        }
    }
}
