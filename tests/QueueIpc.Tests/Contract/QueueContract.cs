namespace QueueIpc.Tests.Contract;

/// <summary>What holds for every queue, however it is reached. A theme derives from this; a subclass of the theme says where the queues come from, no more.</summary>
public abstract class QueueContract(QueueSource source) : IDisposable
{
    protected string Endpoint => source.Broker.Endpoint;

    public void Dispose()
    {
        source.Dispose();
        GC.SuppressFinalize(this);
    }

    protected IpcQueue<T> Create<T>(QueueOptions? options = null) => source.Create<T>(options);

    /// <summary>A second handle to the same queue; over a pipe, on a connection of its own.</summary>
    protected IpcQueue<T> Another<T>(IpcQueue<T> queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return source.Another<T>(queue.Name);
    }

    /// <summary>A handle to the same queue that takes its items for something else.</summary>
    protected IpcQueue<TOther> Another<T, TOther>(IpcQueue<T> queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return source.Another<TOther>(queue.Name);
    }
}
