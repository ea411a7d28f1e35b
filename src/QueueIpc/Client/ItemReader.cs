using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>Takes what is next, if something is here.</summary>
internal delegate bool Take<T, TNext>(ItemStream<T> from, out TNext next);

/// <summary>
/// The items of a queue, or their leases, as an asynchronous sequence. Not an iterator method, because most are here already: to hand one over must not
/// cost what a wait costs.
/// </summary>
internal sealed class ItemReader<T, TNext>(ClientQueue queue, ItemCodec<T> codec, bool lease, Take<T, TNext> take, CancellationToken ct) : IAsyncEnumerable<TNext>
{
    public IAsyncEnumerator<TNext> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (!ct.CanBeCanceled || ct == cancellationToken)
        {
            return new Enumerator(queue, codec, lease, take, linked: null, cancellationToken);
        }

        if (!cancellationToken.CanBeCanceled)
        {
            return new Enumerator(queue, codec, lease, take, linked: null, ct);
        }

        var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, cancellationToken);
        return new Enumerator(queue, codec, lease, take, linked, linked.Token);
    }

    private sealed class Enumerator(
        ClientQueue queue, ItemCodec<T> codec, bool lease, Take<T, TNext> take, CancellationTokenSource? linked, CancellationToken ct) : IAsyncEnumerator<TNext>
    {
        private ItemStream<T>? _stream;
        private TNext _current = default!;

        public TNext Current => _current;

        public ValueTask<bool> MoveNextAsync()
        {
            ct.ThrowIfCancellationRequested();
            _stream ??= new ItemStream<T>(queue, codec, lease);
            return take(_stream, out _current) ? new ValueTask<bool>(true) : WaitAsync(_stream);
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
                if (take(stream, out _current))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
