using System.Threading.Channels;

namespace QueueIpc.Channels;

/// <summary>A queue for code that writes to a channel.</summary>
internal sealed class QueueChannelWriter<T>(IpcQueue<T> queue) : ChannelWriter<T>
{
    private readonly Lock _lock = new();
    private int _completed;
    private Task _lastPut = Task.CompletedTask;
    private Task _lastWrite = Task.CompletedTask;

    public override bool TryWrite(T item)
    {
        try
        {
            return queue.TryPut(item);
        }
        catch (QueueCompletedException)
        {
            return false;
        }
    }

    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        var put = queue.PutAsync(item, cancellationToken);
        return put.IsCompletedSuccessfully ? put : new ValueTask(AsWrite(put.AsTask()));
    }

    public override async ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await queue.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (QueueCompletedException)
        {
            return false;
        }
    }

    /// <summary>Completes the queue for everyone. The error does not travel: readers in other processes just see the end.</summary>
    public override bool TryComplete(Exception? error = null)
    {
        if (Interlocked.Exchange(ref _completed, 1) == 1)
        {
            return false;
        }

        queue.Complete();
        return true;
    }

    /// <summary>The put as a channel sees it. Puts that are answered together are one task, and so are their writes.</summary>
    private Task AsWrite(Task put)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(put, _lastPut))
            {
                (_lastPut, _lastWrite) = (put, Write(put));
            }

            return _lastWrite;
        }
    }

    private static async Task Write(Task put)
    {
        try
        {
            await put.ConfigureAwait(false);
        }
        catch (QueueCompletedException e)
        {
            throw new ChannelClosedException(e.Message, e);
        }
    }
}
