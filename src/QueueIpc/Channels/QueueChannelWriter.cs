using System.Threading.Channels;

namespace QueueIpc.Channels;

/// <summary>A queue for code that writes to a channel.</summary>
internal sealed class QueueChannelWriter<T>(IpcQueue<T> queue) : ChannelWriter<T>
{
    private int _completed;
    private volatile PutAndWrite _last = new(Task.CompletedTask, Task.CompletedTask);

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
        var last = _last;
        if (!ReferenceEquals(put, last.Put))
        {
            _last = last = new PutAndWrite(put, Write(put));
        }

        return last.Write;
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

    private sealed record PutAndWrite(Task Put, Task Write);
}
