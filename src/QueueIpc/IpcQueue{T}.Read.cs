using System.Threading.Channels;
using QueueIpc.Channels;
using QueueIpc.Client;

namespace QueueIpc;

public sealed partial class IpcQueue<T>
{
    private readonly Lock _channelLock = new();
    private QueueChannelReader<T>? _reader;
    private QueueChannelWriter<T>? _writer;

    /// <summary>This queue for code that reads from a <see cref="ChannelReader{T}"/>. It reads ahead, like <see cref="ReadAllAsync"/>, and all its users share what is read ahead.</summary>
    public ChannelReader<T> Reader
    {
        get
        {
            lock (_channelLock)
            {
                return _reader ??= new QueueChannelReader<T>(this, _queue, _codec);
            }
        }
    }

    /// <summary>This queue for code that writes to a <see cref="ChannelWriter{T}"/>. Completing it completes the queue, for everyone; an error given with that does not travel.</summary>
    public ChannelWriter<T> Writer => _writer ?? Interlocked.CompareExchange(ref _writer, new QueueChannelWriter<T>(this), null) ?? _writer;

    /// <summary>
    /// The fast way to get many: takes item after item, reading ahead as far as the consumer is fast. Ends when the queue is completed and empty.
    /// Items read ahead and not handed over go back to their places when the consumer stops or dies.
    /// </summary>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The items in order.</returns>
    /// <exception cref="ItemSerializationException">An item cannot be read; it is with the dead items now. Read on with a new enumeration.</exception>
    /// <exception cref="QueueCompletedException">The queue was deleted.</exception>
    public IAsyncEnumerable<T> ReadAllAsync(CancellationToken ct = default) =>
        new ItemReader<T, T>(_queue, _codec, lease: false, static (ItemStream<T> from, out T item) => from.TryTake(out item), ct);

    /// <summary>Like <see cref="ReadAllAsync"/>, for a thread of its own.</summary>
    /// <param name="ct">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The items in order.</returns>
    public IEnumerable<T> GetConsumingEnumerable(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        using var stream = new ItemStream<T>(_queue, _codec, lease: false);
        while (stream.WaitToTake(ct))
        {
            while (!ct.IsCancellationRequested && stream.TryTake(out var item))
            {
                yield return item;
            }

            ct.ThrowIfCancellationRequested();
        }
    }

    private void DisposeReader()
    {
        lock (_channelLock)
        {
            _reader?.Dispose();
        }
    }
}
