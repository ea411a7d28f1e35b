namespace QueueIpc.Tests.Contract;

/// <summary>Where the queues of a contract test come from, and second handles to them.</summary>
public abstract class QueueSource : IDisposable
{
    private int _made;

    protected QueueSource(QueueBroker broker) => Broker = broker;

    public QueueBroker Broker { get; }

    public IpcQueue<T> Create<T>(QueueOptions? options) => Open<T>($"queue {Interlocked.Increment(ref _made)}", options);

    public abstract IpcQueue<T> Another<T>(string name);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract IpcQueue<T> Open<T>(string name, QueueOptions? options);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Broker.Dispose();
        }
    }
}

/// <summary>The broker is in this process, and so are the queues: nothing goes through a pipe.</summary>
public sealed class QueuesInProcess() : QueueSource(QueueBroker.Start())
{
    public override IpcQueue<T> Another<T>(string name) => Broker.OpenQueue<T>(name);

    protected override IpcQueue<T> Open<T>(string name, QueueOptions? options) => Broker.OpenQueue<T>(name, options);
}

/// <summary>Queues over a pipe; each second handle has a connection of its own.</summary>
public sealed class QueuesOverPipe : QueueSource
{
    private readonly QueueClient _client;
    private readonly List<QueueClient> _others = [];

    public QueuesOverPipe()
        : base(QueueBroker.Start()) => _client = QueueClient.Connect(Broker.Endpoint);

    public override IpcQueue<T> Another<T>(string name)
    {
        var client = QueueClient.Connect(Broker.Endpoint);
        _others.Add(client);
        return client.OpenQueue<T>(name);
    }

    protected override IpcQueue<T> Open<T>(string name, QueueOptions? options) => _client.OpenQueue<T>(name, options);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _client.Dispose();
            _others.ForEach(client => client.Dispose());
        }

        base.Dispose(disposing);
    }
}
