using System.Diagnostics.CodeAnalysis;
using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    private const int DeadItemsAtATime = 10_000;

    /// <summary>How many items can be got right now, at the broker, in this moment.</summary>
    public int Count => GetInfo().Ready;

    /// <summary>Whether nothing can be got right now.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether a put would have to wait for the capacity right now. A queue without one is never full, even where its bytes, or the broker's memory, make puts wait.</summary>
    public bool IsFull => GetInfo() is var info && info.Capacity > 0 && info.Ready + info.Delayed >= info.Capacity;

    /// <summary>Whether the queue is completed and nothing is left in it or leased from it. Dead items may be.</summary>
    public bool IsCompleted => GetInfo().IsCompleted;

    /// <summary>The queue in numbers, all of one moment.</summary>
    /// <returns>The numbers.</returns>
    public QueueInfo GetInfo()
    {
        using var call = Prompt(Op.Info);
        return QueueReports.ReadInfos(call.Body, _queue.Connection.Version)[0];
    }

    /// <summary>Like <see cref="GetInfo"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>The numbers.</returns>
    public async Task<QueueInfo> GetInfoAsync(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        using var call = _queue.BeginPrompt(Op.Info);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        _queue.ThrowUnlessAnswered(call, nameof(Op.Info), isPut: false, ct);
        return QueueReports.ReadInfos(call.Body, _queue.Connection.Version)[0];
    }

    /// <summary>Looks at the first item and leaves it where it is.</summary>
    /// <param name="item">The item; the type's default when there is none.</param>
    /// <returns>False when the queue is empty.</returns>
    /// <exception cref="ItemSerializationException">The item cannot be read; it stays where it is.</exception>
    public bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        var items = PeekMany(1);
        item = items.Count > 0 ? items[0] : default;
        return items.Count > 0;
    }

    /// <summary>Looks at the first items and leaves them where they are.</summary>
    /// <param name="max">At most so many. Fewer come when they have more than 1 MiB together, and no more than 65,536; and of a queue that is larger than memory, what is not on the disk alone.</param>
    /// <returns>The items in order; none when the queue is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is less than 1.</exception>
    /// <exception cref="ItemSerializationException">An item cannot be read; all stay where they are.</exception>
    public IReadOnlyList<T> PeekMany(int max)
    {
        using var call = AskForFirst(Op.Peek, max);
        if (call.Answer.Op != Op.Items)
        {
            return [];
        }

        var delivered = call.Items;
        var items = new List<T>(delivered.Remaining);
        while (delivered.Remaining > 0)
        {
            items.Add(ReadPeeked(delivered.Next()));
        }

        return items;
    }

    /// <summary>Removes all items that are ready. What is leased, delayed or dead stays.</summary>
    /// <returns>How many there were.</returns>
    public int Clear() => Count32(Op.Clear);

    /// <summary>No more puts, for ever and for everyone: they end with <see cref="QueueCompletedException"/>, and so do gets when nothing is left.</summary>
    public void Complete() => Complete(discard: false);

    /// <summary>Like <see cref="Complete()"/>, but what is ready or delayed can be discarded. What is leased still wants its verdict, and is discarded as well if it comes back.</summary>
    /// <param name="discard">Whether to discard.</param>
    public void Complete(bool discard)
    {
        SendTogether();
        var call = _queue.Begin(nameof(Op.Complete), ClientConnection.PromptMicros);
        lock (_queue.Connection.SyncRoot)
        {
            var to = _queue.Connection.Out;
            to.BeginFrame(Op.Complete, _queue.Id, call.Id);
            to.Bool(discard);
            _queue.Connection.EndFrame(call);
        }

        _queue.Connection.Flush();
        Finish(call, nameof(Op.Complete)).Dispose();
    }

    /// <summary>Waits until every item that was put is finished: taken by a get, or its lease acked, or removed, or dead. A consumer that dies does not make it hang: its items come back.</summary>
    /// <exception cref="QueueCompletedException">The queue was deleted.</exception>
    public void Join() => Join(Timeout.InfiniteTimeSpan);

    /// <summary>Like <see cref="Join()"/>, but waits no longer than <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>.</param>
    /// <returns>False when something was unfinished all that time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public bool Join(TimeSpan timeout, CancellationToken ct = default)
    {
        var micros = Waits.Micros(timeout);
        ct.ThrowIfCancellationRequested();
        using var call = _queue.BeginJoin(micros);
        _queue.Connection.Flush();
        call.Wait(ct);
        return HasJoined(call, ct);
    }

    /// <summary>Like <see cref="Join()"/>, but can be cancelled.</summary>
    /// <param name="ct">Ends the waiting with <see cref="OperationCanceledException"/>.</param>
    public void Join(CancellationToken ct) => Join(Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="Join()"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>Ends when everything is finished.</returns>
    public Task JoinAsync(CancellationToken ct = default) => JoinAsync(Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="Join(TimeSpan, CancellationToken)"/>, without a thread.</summary>
    /// <param name="timeout">Zero does not wait at all; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>False when something was unfinished all that time.</returns>
    public async Task<bool> JoinAsync(TimeSpan timeout, CancellationToken ct = default)
    {
        var micros = Waits.Micros(timeout);
        ct.ThrowIfCancellationRequested();
        using var call = _queue.BeginJoin(micros);
        _queue.Connection.FlushTogether();
        await call.WaitAsync(ct).ConfigureAwait(false);
        return HasJoined(call, ct);
    }

    private bool HasJoined(PendingCall call, CancellationToken ct)
    {
        _queue.ThrowUnlessAnswered(call, nameof(Op.Join), isPut: false, ct);
        return call.Answer.Op == Op.Done;
    }

    /// <summary>Looks at the oldest dead items: those that failed <see cref="QueueOptions.MaxFailures"/> times, could not be read, or were declared dead.</summary>
    /// <param name="max">At most so many. Fewer come when they have more than 1 MiB together with their reasons.</param>
    /// <returns>The dead items, the oldest first. A queue keeps the last 10,000.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is less than 1.</exception>
    public IReadOnlyList<DeadItem> GetDeadItems(int max) => GetDeadItems(max, out _);

    /// <summary>The same, and how many were dead in that moment; -1 where the broker is an older one, which does not say it.</summary>
    internal IReadOnlyList<DeadItem> GetDeadItems(int max, out int all)
    {
        using var answered = AskForFirst(Op.GetDead, max);
        (var oldest, all) = QueueReports.ReadDead(answered.Body, _queue.Connection.Version, _codec.Serializer);
        return oldest;
    }

    /// <summary>Makes all dead items ready again, each at its own place, with no failures on its account. There may then be more than the capacity.</summary>
    /// <returns>How many there were.</returns>
    public int Redrive() => OnDead(Op.Redrive, null);

    /// <summary>Like <see cref="Redrive()"/>, but only the dead items with these sequence numbers; numbers that no dead item has are ignored.</summary>
    /// <param name="sequences">What <see cref="DeadItem.Sequence"/> says of them.</param>
    /// <returns>How many of them there were.</returns>
    /// <exception cref="NotSupportedException">The broker is an older one that cannot do this.</exception>
    public int Redrive(IEnumerable<long> sequences) => OnSomeDead(Op.Redrive, sequences);

    /// <summary>Removes all dead items.</summary>
    /// <returns>How many there were.</returns>
    public int DeleteDeadItems() => OnDead(Op.DeleteDead, null);

    /// <summary>Removes the dead items with these sequence numbers; numbers that no dead item has are ignored.</summary>
    /// <param name="sequences">What <see cref="DeadItem.Sequence"/> says of them.</param>
    /// <returns>How many of them there were.</returns>
    /// <exception cref="NotSupportedException">The broker is an older one that cannot do this.</exception>
    public int DeleteDead(IEnumerable<long> sequences) => OnSomeDead(Op.DeleteDead, sequences);

    /// <summary>Who holds which items, what was delivered longest ago first. What readers took ahead, without leases, is not among it.</summary>
    /// <param name="max">At most so many.</param>
    /// <returns>The items that are held.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is less than 1.</exception>
    /// <exception cref="NotSupportedException">The broker is an older one that does not say it.</exception>
    public IReadOnlyList<HeldItem> GetHeldItems(int max)
    {
        ThrowIfOldBroker(nameof(GetHeldItems));
        using var answered = AskForFirst(Op.GetHeld, max);
        return QueueReports.ReadHeld(answered.Body);
    }

    private T ReadPeeked(in DeliveredItem delivered)
    {
        try
        {
            return _codec.Unpack(delivered.Bytes, delivered.IsNull);
        }
        catch (Exception e)
        {
            throw new ItemSerializationException($"An item of queue '{Name}' cannot be read as {Words.Of(typeof(T))}: {Errors.Sentence(e.Message)} It stays where it is.", e, delivered.Bytes.ToArray());
        }
    }

    /// <summary>A request for so many of something at most, which is answered at once.</summary>
    private PendingCall AskForFirst(Op op, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var call = _queue.Begin(op.ToString(), ClientConnection.PromptMicros);
        lock (_queue.Connection.SyncRoot)
        {
            var to = _queue.Connection.Out;
            to.BeginFrame(op, _queue.Id, call.Id);
            to.Int32(max);
            _queue.Connection.EndFrame(call);
        }

        _queue.Connection.Flush();
        return Finish(call, op.ToString());
    }

    /// <summary>Some thousand at a time: no frame is too large for the broker.</summary>
    private int OnSomeDead(Op op, IEnumerable<long> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ThrowIfOldBroker($"{op} of single items");
        return sequences.Distinct().Chunk(DeadItemsAtATime).Sum(some => OnDead(op, some));
    }

    private int OnDead(Op op, IReadOnlyList<long>? sequences)
    {
        SendTogether();
        var call = _queue.BeginOnDead(op, sequences);
        _queue.Connection.Flush();
        using var answered = Finish(call, op.ToString());
        return checked((int)answered.Body.Int64());
    }

    private void ThrowIfOldBroker(string what)
    {
        if (_queue.Connection.Version < 2)
        {
            throw Errors.NeedsNewerBroker(what, _queue.Connection);
        }
    }

    private int Count32(Op op)
    {
        using var call = Prompt(op);
        return checked((int)call.Body.Int64());
    }
}
