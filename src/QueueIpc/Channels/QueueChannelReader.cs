using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using QueueIpc.Client;
using QueueIpc.Serialization;

namespace QueueIpc.Channels;

/// <summary>A queue for code that reads from a channel.</summary>
internal sealed class QueueChannelReader<T>(IpcQueue<T> owner, ClientQueue queue, ItemCodec<T> codec) : ChannelReader<T>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Lock _takeLock = new();
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ItemStream<T>? _stream;
    private bool _disposed;

    public override Task Completion
    {
        get
        {
            lock (_lock)
            {
                // Who only waits for the end reads nothing, but has to be told of it.
                if (!_disposed)
                {
                    Stream();
                }
            }

            return _completed.Task;
        }
    }

    public override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        if (Try(out item))
        {
            return true;
        }

        if (_completed.Task.IsCompletedSuccessfully)
        {
            return false;
        }

        // Here nothing is, but perhaps at the broker: whatever it has for us comes before its answer to the next request.
        var stream = Stream();
        try
        {
            stream.Ask();
        }
        catch (ObjectDisposedException) when (WasReplaced(stream))
        {
            // Another reader came upon an item that cannot be read: go on behind it.
        }

        owner.GetInfo();
        if (Try(out item))
        {
            return true;
        }

        stream.StopAsking();
        return false;
    }

    /// <summary>Waits for what comes, without asking the broker first what it has: that would keep the thread.</summary>
    public override async ValueTask<T> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (await WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Try(out var item))
            {
                return item;
            }
        }

        throw new ChannelClosedException();
    }

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_completed.Task.IsCompletedSuccessfully)
        {
            return false;
        }

        while (true)
        {
            var stream = Stream();
            try
            {
                return await stream.WaitToTakeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (WasReplaced(stream))
            {
                // Another reader came upon an item that cannot be read: go on behind it.
            }
        }
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
        End(queue.Disposed());
    }

    private bool Try([MaybeNullWhen(false)] out T item)
    {
        if (_completed.Task.IsCompletedSuccessfully)
        {
            item = default;
            return false;
        }

        lock (_takeLock)
        {
            var stream = Volatile.Read(ref _stream);
            return (stream is { IsStopped: false } ? stream : Stream()).TryTake(out item);
        }
    }

    /// <summary>An item that cannot be read ends a stream; whoever reads on does so behind it, with a new one.</summary>
    private ItemStream<T> Stream()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                throw queue.Disposed();
            }

            if (_stream is null or { IsStopped: true })
            {
                _stream = new ItemStream<T>(queue, codec, lease: false, ended: End);
            }

            return _stream;
        }
    }

    private void End(Exception? why)
    {
        if (why is null)
        {
            _completed.TrySetResult();
        }
        else if (_completed.TrySetException(why))
        {
            // Reads throw it as well; a Completion that nobody asked for is no unobserved failure.
            _ = _completed.Task.Exception;
        }
    }

    private bool WasReplaced(ItemStream<T> stream)
    {
        lock (_lock)
        {
            return stream.IsStopped && !_disposed;
        }
    }
}
