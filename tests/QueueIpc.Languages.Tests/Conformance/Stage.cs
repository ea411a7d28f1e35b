using QueueIpc.Tests.Support;

namespace QueueIpc.Languages.Tests.Conformance;

/// <summary>A broker, and two processes of one language around it. Whoever was killed is started again when needed.</summary>
internal sealed class Stage(string language, bool isDurable = false) : IDisposable
{
    private readonly string _name = $"stage-{Guid.NewGuid():N}";
    private readonly Dictionary<string, DriverProcess> _drivers = [];
    private readonly DirectoryInfo? _directory = isDurable ? Directory.CreateTempSubdirectory() : null;
    private QueueBroker? _broker;
    private QueueClient? _client;

    public QueueBroker Broker => _broker ??= QueueBroker.StartProcess(new QueueBrokerOptions { Name = _name, Storage = _directory is null ? null : new SqliteStorage(_directory.FullName) });

    /// <summary>To look at the queues from outside.</summary>
    public QueueClient Client => _client ??= QueueClient.Connect(Broker.Endpoint);

    public DriverProcess Driver(string name)
    {
        if (!_drivers.TryGetValue(name, out var driver))
        {
            _drivers[name] = driver = DriverProcess.Start(language, Broker.Endpoint);
        }

        return driver;
    }

    public void KillDriver(string name)
    {
        Driver(name).Dispose();
        _drivers.Remove(name);
    }

    public void KillBroker()
    {
        using var process = System.Diagnostics.Process.GetProcessById(Client.BrokerProcessId);
        process.Kill();
        process.WaitForExit(Times.Long);
        _client?.Dispose();
        _broker?.Dispose();
        (_client, _broker) = (null, null);
    }

    public void StartBroker() => _ = Broker;

    public void Dispose()
    {
        foreach (var driver in _drivers.Values)
        {
            driver.Dispose();
        }

        _client?.Dispose();
        _broker?.Dispose();
        _directory?.Delete(recursive: true);
    }
}

/// <summary>One stage for all cases of a language: processes take longer to start than a case takes.</summary>
public sealed class Stages : IDisposable
{
    private readonly Dictionary<(string Language, bool IsDurable), Stage> _stages = [];

    internal Stage this[string language, bool isDurable]
    {
        get
        {
            if (!_stages.TryGetValue((language, isDurable), out var stage))
            {
                _stages[(language, isDurable)] = stage = new Stage(language, isDurable);
            }

            return stage;
        }
    }

    public void Dispose()
    {
        foreach (var stage in _stages.Values)
        {
            stage.Dispose();
        }
    }
}
