using System.Threading.Channels;

namespace QueueIpc.Channels;

/// <summary>A queue for code that writes to a channel.</summary>
internal sealed class QueueChannelWriter<T>(IpcQueue<T> queue) : ChannelWriter<T>
{
    private int _completed;

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

    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default) => queue.WriteAsync(item, cancellationToken);

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
        if (Volatile.Read(ref _completed) == 1)
        {
            return false;
        }

        queue.Complete();
        return Interlocked.Exchange(ref _completed, 1) == 0;
    }
}
