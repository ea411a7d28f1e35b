using QueueIpc.Core;
using QueueIpc.Tests.Basics;
using QueueIpc.Tests.Clients;
using QueueIpc.Tests.Items;
using QueueIpc.Tests.Lifecycle;
using QueueIpc.Tests.Reading;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Durability;

/// <summary>Every handle talks over a real pipe to a broker whose queues live in a directory: what holds for every queue holds there as well.</summary>
public sealed class OnDisk : QueueSource
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly QueueBroker _broker;
    private readonly List<QueueClient> _clients = [];

    /// <param name="isFar">Hardly anything is in memory: everything is read from the disk, unless somebody waits for it.</param>
    public OnDisk(bool isFar = false)
    {
        var storage = isFar ? new SqliteStorage(_directory.FullName) { Near = new Nearness(0, 16 * 1024), CheckedBytes = 0 } : new SqliteStorage(_directory.FullName);
        _broker = QueueBroker.Start(new QueueBrokerOptions { Storage = storage });
    }

    public override bool IsDurable => true;

    public override IpcQueue<T> Create<T>(QueueOptions? options = null) => Connect().OpenQueue<T>($"q-{Guid.NewGuid():N}", options);

    public override IpcQueue<T> Open<T>(string name, QueueOptions? options = null) => Connect().OpenQueue<T>(name, options);

    public override void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    private QueueClient Connect()
    {
        var client = QueueClient.Connect(_broker.Endpoint);
        _clients.Add(client);
        return client;
    }
}

public sealed class OptionsContractOnDisk() : OptionsContract(new OnDisk());

public sealed class ReadAllOnDisk() : ReadAllContract(new OnDisk());

public sealed class ChannelContractOnDisk() : ChannelContract(new OnDisk());

public sealed class ReadContractOnDisk() : ReadContract(new OnDisk());

public sealed class TimeoutContractOnDisk() : TimeoutContract(new OnDisk());

public sealed class GetContractOnDisk() : GetContract(new OnDisk());

public sealed class InfoOnDisk() : InfoContract(new OnDisk());

public sealed class PutContractOnDisk() : PutContract(new OnDisk());

public sealed class OrderOnDisk() : OrderContract(new OnDisk());

public sealed class ManyContractOnDisk() : ManyContract(new OnDisk());

public sealed class CancelContractOnDisk() : CancelContract(new OnDisk());

public sealed class LeaseContractOnDisk() : LeaseContract(new OnDisk());

public sealed class CompleteContractOnDisk() : CompleteContract(new OnDisk());

public sealed class DisposeContractOnDisk() : DisposeContract(new OnDisk());

public sealed class LeaseManyContractOnDisk() : LeaseManyContract(new OnDisk());

public sealed class SerializationContractOnDisk() : SerializationContract(new OnDisk());

public sealed class GetContractFarOnDisk() : GetContract(new OnDisk(isFar: true));

public sealed class ManyContractFarOnDisk() : ManyContract(new OnDisk(isFar: true));

public sealed class CancelContractFarOnDisk() : CancelContract(new OnDisk(isFar: true));

public sealed class LeaseContractFarOnDisk() : LeaseContract(new OnDisk(isFar: true));

public sealed class CompleteContractFarOnDisk() : CompleteContract(new OnDisk(isFar: true));

public sealed class ReadContractFarOnDisk() : ReadContract(new OnDisk(isFar: true));
