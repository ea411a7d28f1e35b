using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using QueueIpc.Client;

namespace QueueIpc.Channels;

/// <summary>A queue for code that reads from a channel.</summary>
internal sealed class QueueChannelReader<T>(IpcQueue<T> owner, ClientQueue queue, IQueueSerializer serializer) : ChannelReader<T>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ItemStream<T>? _stream;
    private bool _justTook;
    private bool _disposed;

    public override Task Completion => _completed.Task;

    public override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        if (Try(out item))
        {
            _justTook = true;
            return true;
        }

        if (_justTook || _completed.Task.IsCompleted)
        {
            // The usual loop reads until it is told that nothing is here, and then waits; that answer must be cheap.
            _justTook = false;
            return false;
        }

        // Here nothing is, but perhaps at the broker: whatever it has for us comes before its answer to the next request.
        Stream().Ask();
        owner.GetInfo();
        return Try(out item);
    }

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_completed.Task.IsCompleted)
        {
            return false;
        }

        if (await Stream().WaitToTakeAsync(cancellationToken).ConfigureAwait(false))
        {
            _justTook = true;
            return true;
        }

        _completed.TrySetResult();
        return false;
    }

    public void Dispose()
    {
        ItemStream<T>? stream;
        lock (_lock)
        {
            _disposed = true;
            stream = _stream;
        }

        stream?.Dispose();
    }

    private bool Try([MaybeNullWhen(false)] out T item)
    {
        if (_completed.Task.IsCompleted)
        {
            item = default;
            return false;
        }

        try
        {
            return Stream().TryTake(out item, out _);
        }
        catch (ItemSerializationException)
        {
            // That ended the stream; the next read goes on behind the bad item with a new one.
            lock (_lock)
            {
                _stream = null;
            }

            throw;
        }
    }

    private ItemStream<T> Stream()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                throw queue.Disposed();
            }

            return _stream ??= new ItemStream<T>(queue, serializer, lease: false);
        }
    }
}
