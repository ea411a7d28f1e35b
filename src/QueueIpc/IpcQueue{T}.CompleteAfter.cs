namespace QueueIpc;

// A queue that ends with those who fill it.
public sealed partial class IpcQueue<T>
{
    /// <summary>
    /// Completes the queue when the last of <paramref name="producers"/> has ended, however it ended: who reads gets what is left, and then the end, instead of waiting for a producer that failed.
    /// Returns at once.
    /// </summary>
    /// <param name="producers">Workers that put into this queue, one at least.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public void CompleteAfter(params WorkerProcess[] producers)
    {
        ArgumentNullException.ThrowIfNull(producers);
        if (producers.Length == 0)
        {
            throw new ArgumentException("Give the workers whose end completes the queue.", nameof(producers));
        }

        _ = CompleteBehindAsync(Task.WhenAll(producers.Select(producer => producer.Ended)));
    }

    private async Task CompleteBehindAsync(Task ended)
    {
        await ended.ConfigureAwait(false);
        try
        {
            Complete();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The handle is disposed, or the broker has gone: whoever still reads is told that.
        }
    }
}
