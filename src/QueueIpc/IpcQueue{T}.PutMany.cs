using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    /// <summary>So many batches are under way at a time: enough to keep the pipe and the broker busy, and no more than they can hold.</summary>
    private const int BatchesInFlightMax = 8;

    /// <summary>The fast way to put many: in batches, pipelined, in order. Returns when the broker owns them all.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <exception cref="QueueCompletedException">The queue is completed, or was deleted; what was accepted by then stays in a completed one.</exception>
    /// <exception cref="ItemTooLargeException">An item is larger than the broker, or the queue, ever takes.</exception>
    /// <exception cref="ItemSerializationException">An item cannot be serialised.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone; how many items were accepted is unknown.</exception>
    public void PutMany(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        SendTogether();
        var batches = new PutBatches(this, CancellationToken.None);
        try
        {
            foreach (var item in items)
            {
                batches.Add(item);
                while (batches.MustWait)
                {
                    batches.Oldest.Wait(CancellationToken.None);
                    batches.EndOldest();
                }
            }
        }
        finally
        {
            batches.SendRest();
            while (batches.AreUnderWay)
            {
                batches.Oldest.Wait(CancellationToken.None);
                batches.EndOldest();
            }
        }

        batches.ThrowIfFailed();
    }

    /// <summary>Like <see cref="PutMany"/>, without a thread.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="ct">Ends it; what was accepted by then stays in the queue.</param>
    /// <returns>Ends when the broker owns them all.</returns>
    public Task PutManyAsync(IEnumerable<T> items, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        return PutManyAsync(Each(items), ct);
    }

    /// <summary>Like <see cref="PutMany"/>, for items that come one by one. What has come is sent before the next is waited for.</summary>
    /// <param name="items">The items. If one cannot be serialised, or is too large, those before it are put and then the exception is thrown.</param>
    /// <param name="ct">Ends it; what was accepted by then stays in the queue.</param>
    /// <returns>Ends when the broker owns them all.</returns>
    public async Task PutManyAsync(IAsyncEnumerable<T> items, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ct.ThrowIfCancellationRequested();
        SendTogether();
        var batches = new PutBatches(this, ct);
        await using var source = items.GetAsyncEnumerator(ct);
        try
        {
            while (true)
            {
                var next = source.MoveNextAsync();
                if (!next.IsCompleted)
                {
                    batches.SendRest();
                }

                if (!await next.ConfigureAwait(false))
                {
                    break;
                }

                batches.Add(source.Current);
                while (batches.MustWait)
                {
                    await batches.Oldest.WaitAsync(ct).ConfigureAwait(false);
                    batches.EndOldest();
                }
            }
        }
        finally
        {
            batches.SendRest();
            while (batches.AreUnderWay)
            {
                await batches.Oldest.WaitAsync(ct).ConfigureAwait(false);
                batches.EndOldest();
            }
        }

        batches.ThrowIfFailed();
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

    /// <summary>Items on their way to the broker, many to a frame.</summary>
    private sealed class PutBatches(IpcQueue<T> queue, CancellationToken ct)
    {
        private readonly Queue<PendingCall> _underWay = new();
        private readonly Batch _batch = new(queue);
        private Exception? _failure;

        public bool AreUnderWay => _underWay.Count > 0;

        public bool MustWait => _underWay.Count >= BatchesInFlightMax;

        public PendingCall Oldest => _underWay.Peek();

        public void Add(T item)
        {
            ThrowIfFailed();
            _batch.Add(item);
            if (_batch.IsFull)
            {
                SendRest();
            }
        }

        public void SendRest()
        {
            if (_batch.Count > 0 && _failure is null)
            {
                _underWay.Enqueue(_batch.Begin());
                queue._queue.Connection.Flush();
            }
        }

        public void EndOldest()
        {
            using var call = _underWay.Dequeue();
            try
            {
                queue.WasAccepted(call, ct);
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException or ArgumentException)
            {
                _failure ??= e;
            }
        }

        public void ThrowIfFailed()
        {
            if (_failure is not null)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
            }
        }
    }

    /// <summary>Items packed one behind the other, for one frame.</summary>
    private sealed class Batch(IpcQueue<T> queue)
    {
        private PackedWriter _packed = new();
        private Operation? _operation;

        public int Count { get; private set; }

        public bool IsFull => _packed.WrittenCount >= ProtocolLimits.BatchBytes;

        public void Add(T item)
        {
            var before = _packed.WrittenCount;
            try
            {
                _operation ??= Operation.Put(queue._queue);
                queue.Pack(_packed, item, _operation?.Note);
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
        public PendingCall Begin()
        {
            try
            {
                return queue.BeginPut(ref _packed, Count, ProtocolLimits.Forever, _operation);
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
