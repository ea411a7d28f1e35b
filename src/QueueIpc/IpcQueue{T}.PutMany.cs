using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    /// <summary>So many batches are under way at a time: enough to keep the pipe and the broker busy, and no more than they can hold.</summary>
    private const int BatchesInFlightMax = 8;

    /// <summary>The fast way to put many: in batches, pipelined, in order. Returns when the broker owns them all. When a batch fails, no more is taken from <paramref name="items"/>.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <exception cref="QueueCompletedException">The queue is completed, or was deleted; what was accepted by then stays in a completed one.</exception>
    /// <exception cref="ItemTooLargeException">An item is larger than the broker, or the queue, ever takes.</exception>
    /// <exception cref="ItemSerializationException">An item cannot be serialised.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone; how many items were accepted is unknown.</exception>
    public void PutMany(IEnumerable<T> items) => PutMany(items, Timeout.InfiniteTimeSpan);

    /// <summary>Like <see cref="PutMany(IEnumerable{T})"/>, but can be cancelled.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>; what was accepted by then stays in the queue.</param>
    public void PutMany(IEnumerable<T> items, CancellationToken ct) => PutMany(items, Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="PutMany(IEnumerable{T})"/>, but waits for room no longer than <paramref name="timeout"/>.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="timeout">How long from the call on there is to be room at the latest; zero does not wait at all, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever. With a limit, one batch is under way at a time.</param>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>; what was accepted by then stays in the queue.</param>
    /// <exception cref="QueueFullException">There was no room for all of them in time; those that were accepted stay in the queue.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public void PutMany(IEnumerable<T> items, TimeSpan timeout, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        var batches = new PutBatches(this, accepted: null, timeout, ct);
        ct.ThrowIfCancellationRequested();
        SendTogether();
        try
        {
            foreach (var item in items)
            {
                batches.Add(item);
                while (batches.MustWait)
                {
                    batches.Oldest.Wait(ct);
                    batches.EndOldest();
                }

                if (batches.HasFailed)
                {
                    break;
                }
            }
        }
        finally
        {
            batches.SendRest();
            while (batches.AreUnderWay)
            {
                batches.Oldest.Wait(ct);
                batches.EndOldest();
            }
        }

        batches.ThrowIfFailed();
    }

    /// <summary>Like <see cref="PutMany(IEnumerable{T})"/>, without a thread.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="ct">Ends it; what was accepted by then stays in the queue.</param>
    /// <returns>Ends when the broker owns them all.</returns>
    public Task PutManyAsync(IEnumerable<T> items, CancellationToken ct = default) => PutManyAsync(items, Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="PutMany(IEnumerable{T}, TimeSpan, CancellationToken)"/>, without a thread.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="timeout">How long from the call on there is to be room at the latest; zero does not wait at all, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever. With a limit, one batch is under way at a time.</param>
    /// <param name="ct">Ends it; what was accepted by then stays in the queue.</param>
    /// <returns>Ends when the broker owns them all.</returns>
    /// <exception cref="QueueFullException">There was no room for all of them in time; those that were accepted stay in the queue.</exception>
    public Task PutManyAsync(IEnumerable<T> items, TimeSpan timeout, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return PutManyAsync(Each(items), timeout, ct);
    }

    /// <summary>
    /// Like <see cref="PutMany(IEnumerable{T})"/>, for items that come one by one. What has come is sent before the next is waited for. When a batch fails meanwhile,
    /// the token that <paramref name="items"/> was given is cancelled, and the exception is thrown when that wait has ended.
    /// </summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="ct">Ends it; what was accepted by then stays in the queue.</param>
    /// <returns>Ends when the broker owns them all.</returns>
    public Task PutManyAsync(IAsyncEnumerable<T> items, CancellationToken ct = default) => PutManyAsync(items, Timeout.InfiniteTimeSpan, ct);

    /// <summary>Like <see cref="PutManyAsync(IAsyncEnumerable{T}, CancellationToken)"/>, but waits for room no longer than <paramref name="timeout"/>. For the items themselves it waits as long as they take.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="timeout">How long from the call on there is to be room at the latest; zero does not wait at all, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever. With a limit, one batch is under way at a time.</param>
    /// <param name="ct">Ends it; what was accepted by then stays in the queue.</param>
    /// <returns>Ends when the broker owns them all.</returns>
    /// <exception cref="QueueFullException">There was no room for all of them in time; those that were accepted stay in the queue.</exception>
    public Task PutManyAsync(IAsyncEnumerable<T> items, TimeSpan timeout, CancellationToken ct = default) => PutManyAsync(items, accepted: null, timeout, ct);

    /// <summary>The same, and says how many items the broker owns now, with each answer.</summary>
    internal async Task PutManyAsync(IAsyncEnumerable<T> items, Action<int>? accepted, TimeSpan timeout, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(items);
        var batches = new PutBatches(this, accepted, timeout, ct);
        ct.ThrowIfCancellationRequested();
        SendTogether();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var source = items.GetAsyncEnumerator(enough.Token);
        var wasCutShort = false;
        try
        {
            while (!batches.HasFailed)
            {
                var next = source.MoveNextAsync();
                if (!(next.IsCompleted ? await next.ConfigureAwait(false) : await NextAsync(next.AsTask(), batches, enough).ConfigureAwait(false)))
                {
                    break;
                }

                batches.Add(source.Current);
                while (batches.MustWait)
                {
                    await batches.OldestEnded.ConfigureAwait(false);
                    batches.EndOldest();
                }
            }
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // What became of the batches is told first, below.
            wasCutShort = true;
        }
        finally
        {
            batches.SendRest();
            while (batches.AreUnderWay)
            {
                await batches.OldestEnded.ConfigureAwait(false);
                batches.EndOldest();
            }
        }

        batches.ThrowIfFailed();
        if (wasCutShort)
        {
            throw new OperationCanceledException(ct);
        }
    }

    /// <summary>Sends what has come, and waits for the next item. When a batch fails before it comes, there is no next.</summary>
    private static async Task<bool> NextAsync(Task<bool> next, PutBatches batches, CancellationTokenSource enough)
    {
        batches.SendRest();
        while (batches is { HasFailed: false, AreUnderWay: true } && await Task.WhenAny(next, batches.OldestEnded).ConfigureAwait(false) != next)
        {
            batches.EndOldest();
        }

        if (!batches.HasFailed)
        {
            return await next.ConfigureAwait(false);
        }

        // A source cannot be disposed while it looks for an item. It is asked to leave off; if it fails instead, the batch's failure was first.
        await enough.CancelAsync().ConfigureAwait(false);
        await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

#pragma warning disable CS1998 // Nothing to wait for: the items are there.
    private static async IAsyncEnumerable<T> Each(IEnumerable<T> items)
    {
        foreach (var item in items)
        {
            yield return item;
        }
    }
#pragma warning restore CS1998

    /// <summary>Items on their way to the broker, many to a frame. Once one has failed, no more are sent.</summary>
    private sealed class PutBatches(IpcQueue<T> queue, Action<int>? accepted, TimeSpan timeout, CancellationToken ct)
    {
        private readonly long _deadline = Waits.Micros(timeout) is >= 0 and var micros && micros < Due.Never / 2 ? queue.Clock.Now + micros : Due.Never;
        private readonly Queue<PendingCall> _underWay = new();
        private readonly Batch _batch = new(queue);
        private Task? _oldestEnded;
        private Exception? _failure;
        private Exception? _notSent;
        private int _added;

        public bool AreUnderWay => _underWay.Count > 0;

        /// <summary>Of two that have a limit, the second could find room just after the first had found none.</summary>
        public bool MustWait => _underWay.Count >= (_deadline == Due.Never ? BatchesInFlightMax : 1);

        public bool HasFailed => Failure is not null;

        public PendingCall Oldest => _underWay.Peek();

        /// <summary>A call can be waited for once only, and this by several in turn.</summary>
        public Task OldestEnded => _oldestEnded ??= Oldest.WaitAsync(ct).AsTask();

        /// <summary>What was not sent comes behind what was.</summary>
        private Exception? Failure => _failure ?? _notSent;

        private bool OldestHasEnded => _oldestEnded?.IsCompleted ?? Oldest.State != CallState.Waiting;

        public void Add(T item)
        {
            // Who is told of each answer has numbers of his own.
            _batch.Add(item, accepted is null ? _added++ : null);
            if (_batch.IsFull)
            {
                SendRest();
            }
        }

        public void SendRest()
        {
            while (AreUnderWay && OldestHasEnded)
            {
                EndOldest();
            }

            if (_batch.Count == 0 || HasFailed)
            {
                return;
            }

            try
            {
                _underWay.Enqueue(_batch.Begin(_deadline == Due.Never ? ProtocolLimits.Forever : Math.Max(0, _deadline - queue.Clock.Now)));
                queue._queue.Connection.Flush();
            }
            catch (Exception e) when (IsExpected(e))
            {
                _notSent = e;
            }
        }

        public void EndOldest()
        {
            _oldestEnded = null;
            using var call = _underWay.Dequeue();
            accepted?.Invoke(AcceptedBy(call));
            try
            {
                if (!queue.WasAccepted(call, ct))
                {
                    _failure ??= Errors.Full(queue.Name, queue._queue.Capacity, timeout);
                }
            }
            catch (Exception e) when (IsExpected(e))
            {
                _failure ??= e;
            }
        }

        public void ThrowIfFailed()
        {
            if (Failure is { } failure)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            }
        }

        private static bool IsExpected(Exception e) => e is OperationCanceledException or InvalidOperationException or IOException or ArgumentException;
    }

    /// <summary>Items packed one behind the other, for one frame.</summary>
    private sealed class Batch(IpcQueue<T> queue)
    {
        private PackedWriter _packed = new();
        private Operation? _operation;

        public int Count { get; private set; }

        public bool IsFull => _packed.WrittenCount >= ProtocolLimits.BatchBytes;

        public void Add(T item, int? index = null)
        {
            var before = _packed.WrittenCount;
            try
            {
                _operation ??= Operation.Put(queue._queue);
                queue.Pack(_packed, item, _operation?.Note, index);
                Count++;
            }
            catch (Exception e)
            {
                // What stands before it is whole; the broken one is cut off.
                _packed.Truncate(before);
                if (Count == 0)
                {
                    _operation?.Fail(e);
                    _operation = null;
                }

                throw;
            }
        }

        /// <summary>Puts all that was added, in one frame that is still to be flushed, and is empty again.</summary>
        public PendingCall Begin(long waitMicros = ProtocolLimits.Forever)
        {
            try
            {
                return queue.BeginPut(ref _packed, Count, waitMicros, _operation);
            }
            catch (Exception e) when (_operation is not null)
            {
                _operation.Fail(e);
                throw;
            }
            finally
            {
                _operation = null;
                Count = 0;
                _packed.Truncate(0);
            }
        }
    }
}
