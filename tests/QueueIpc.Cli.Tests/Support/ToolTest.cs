namespace QueueIpc.Cli.Tests.Support;

/// <summary>A broker of the test's own, which the tool finds by the environment as it would find any.</summary>
public abstract class ToolTest : IDisposable
{
    private readonly string? _runtimeBefore = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
    private readonly string _runtime = Directory.CreateTempSubdirectory("qcli").FullName;

    protected ToolTest()
    {
        Environment.SetEnvironmentVariable("XDG_RUNTIME_DIR", _runtime);
        Broker = QueueBroker.Start(new QueueBrokerOptions { Name = "test" });
        Environment.SetEnvironmentVariable(QueueClient.EndpointVariable, Broker.Endpoint);
    }

    protected QueueBroker Broker { get; }

    /// <summary>Where brokers of this test have their files (Unix).</summary>
    protected string PipeDirectory => Path.Combine(_runtime, "queueipc");

    public virtual void Dispose()
    {
        Broker.Dispose();
        Environment.SetEnvironmentVariable(QueueClient.EndpointVariable, null);
        Environment.SetEnvironmentVariable("XDG_RUNTIME_DIR", _runtimeBefore);
        Directory.Delete(_runtime, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected IpcQueue<T> Open<T>(string name = "jobs", QueueOptions? options = null) => Broker.OpenQueue<T>(name, options);
}
