namespace QueueIpc.Tests.Support;

/// <summary>Where a contract test gets its queues from: the two kinds of session differ in this alone.</summary>
public abstract class QueueSource : IDisposable
{
    /// <summary>A new queue of a broker of its own.</summary>
    public abstract IpcQueue<T> Create<T>(QueueOptions? options = null);

    /// <summary>A further handle of the same queue; over a pipe, on a connection of its own.</summary>
    public IpcQueue<T> Another<T>(IpcQueue<T> queue) => Open<T>(queue.Name);

    /// <summary>A further handle of the queue of that name; over a pipe, on a connection of its own.</summary>
    public abstract IpcQueue<T> Open<T>(string name, QueueOptions? options = null);

    /// <summary>Whether its queues outlive their broker.</summary>
    public virtual bool IsDurable => false;

    public abstract void Dispose();
}

/// <summary>The broker is in this process, and so is the session.</summary>
public sealed class InProcess : QueueSource
{
    private readonly QueueBroker _broker = QueueBroker.Start();

    public override IpcQueue<T> Create<T>(QueueOptions? options = null) => _broker.OpenQueue<T>($"q-{Guid.NewGuid():N}", options);

    public override IpcQueue<T> Open<T>(string name, QueueOptions? options = null) => _broker.OpenQueue<T>(name, options);

    public override void Dispose() => _broker.Dispose();
}

/// <summary>Every handle talks to the broker over a real pipe.</summary>
public sealed class OverPipe : QueueSource
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly List<QueueClient> _clients = [];

    public override IpcQueue<T> Create<T>(QueueOptions? options = null) => Connect().OpenQueue<T>($"q-{Guid.NewGuid():N}", options);

    public override IpcQueue<T> Open<T>(string name, QueueOptions? options = null) => Connect().OpenQueue<T>(name, options);

    public override void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _broker.Dispose();
    }

    private QueueClient Connect()
    {
        var client = QueueClient.Connect(_broker.Endpoint);
        _clients.Add(client);
        return client;
    }
}

/// <summary>Tests of what holds for every queue, wherever its broker is. A test class has a subclass for each source, and no more.</summary>
public abstract class QueueContract(QueueSource source) : IDisposable
{
    public void Dispose()
    {
        source.Dispose();
        GC.SuppressFinalize(this);
    }

    protected bool IsDurable => source.IsDurable;

    protected IpcQueue<T> Create<T>(QueueOptions? options = null) => source.Create<T>(options);

    protected IpcQueue<T> Another<T>(IpcQueue<T> queue) => source.Another(queue);

    /// <summary>A further handle that sees the items as something else.</summary>
    protected IpcQueue<TOther> Another<T, TOther>(IpcQueue<T> queue) => source.Open<TOther>(queue.Name);

    protected IpcQueue<T> Open<T>(string name, QueueOptions? options = null) => source.Open<T>(name, options);

    /// <summary>A blocking call on a thread of its own, so that it can block.</summary>
    protected static Task<T> OnThread<T>(Func<T> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    protected static Task OnThread(Action call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Waits for a task, but not for ever.</summary>
    protected static T Within<T>(Task<T> task)
    {
        Assert.True(((IAsyncResult)task).AsyncWaitHandle.WaitOne(Times.Long), "it hangs");
        return task.GetAwaiter().GetResult();
    }

    protected static void Within(Task task)
    {
        Assert.True(((IAsyncResult)task).AsyncWaitHandle.WaitOne(Times.Long), "it hangs");
        task.GetAwaiter().GetResult();
    }

    protected static void UntilWaiting<T>(IpcQueue<T> queue, int gets = 0, int puts = 0) =>
        Eventually.True(() => queue.GetInfo() is var info && info.WaitingGets == gets && info.WaitingPuts == puts);
}
