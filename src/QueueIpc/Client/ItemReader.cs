using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>
/// The items of a queue as an asynchronous sequence. Not an iterator method, because most items are here already: to hand one over must not cost what
/// a wait costs.
/// </summary>
internal sealed class ItemReader<T>(ClientQueue queue, ItemCodec<T> codec, CancellationToken ct) : IAsyncEnumerable<T>
{
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (!ct.CanBeCanceled || ct == cancellationToken)
        {
            return new Enumerator(queue, codec, linked: null, cancellationToken);
        }

        if (!cancellationToken.CanBeCanceled)
        {
            return new Enumerator(queue, codec, linked: null, ct);
        }

        var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, cancellationToken);
        return new Enumerator(queue, codec, linked, linked.Token);
    }

    private sealed class Enumerator(ClientQueue queue, ItemCodec<T> codec, CancellationTokenSource? linked, CancellationToken ct) : IAsyncEnumerator<T>
    {
        private ItemStream<T>? _stream;
        private T _current = default!;

        public T Current => _current;

        public ValueTask<bool> MoveNextAsync()
        {
            ct.ThrowIfCancellationRequested();
            _stream ??= new ItemStream<T>(queue, codec, lease: false);
            return _stream.TryTake(out _current, out _) ? new ValueTask<bool>(true) : WaitAsync(_stream);
        }

        public async ValueTask DisposeAsync()
        {
            linked?.Dispose();
            if (_stream is not null)
            {
                await _stream.DisposeAsync().ConfigureAwait(false);
            }
        }

        private async ValueTask<bool> WaitAsync(ItemStream<T> stream)
        {
            while (await stream.WaitToTakeAsync(ct).ConfigureAwait(false))
            {
                if (stream.TryTake(out _current, out _))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
