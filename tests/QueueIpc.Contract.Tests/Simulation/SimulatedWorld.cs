using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Tests.Simulation;

/// <summary>What all in one simulation share: its time, its chance, its broker, and the record of what happened.</summary>
internal sealed class SimulatedWorld
{
    public static readonly string[] QueueNames = ["a", "b"];

    private readonly Dictionary<string, QueueOptions> _options;
    private readonly Dictionary<long, int> _putBy = [];
    private readonly int _capacityBytes;
    private readonly List<string>? _transcript;
    private long _stamps;
    private long _lastItem;

    public SimulatedWorld(int seed, Tally tally, List<string>? transcript)
    {
        (Random, Tally, _transcript) = (new Random(seed), tally, transcript);
        _capacityBytes = Pick(40, 100, 300, 3_000, 64 * 1024);
        _options = QueueNames.ToDictionary(name => name, _ => new QueueOptions
        {
            Capacity = Pick(0, 0, 1, 2, 5),
            MaxBytes = Pick(0, 0, 0, 300),
            LeaseTime = TimeSpan.FromMilliseconds(Pick(-1, -1, 10, 50, 2_000)),
            MaxFailures = Pick(0, 1, 2, 3),
        });
        MayEndQueues = Random.Next(3) == 0;
        var memoryIsShort = Random.Next(4) == 0;
        MayHoldFew = Random.Next(4) == 0;
        Broker = new SimulatedBroker(Time, new QueueBrokerOptions
        {
            MaxItemBytes = memoryIsShort ? 500 : 25_000,
            MaxMemoryBytes = memoryIsShort ? 700 : 0,
            FrameTimeout = TimeSpan.FromMilliseconds(1_200),
            MaxHeldPerQueue = MayHoldFew ? Pick(2, 3, 8) : 1024 * 1024,
            MaxUnsentBytes = Pick(600, 64 << 20, 64 << 20),
        }, Ledger, tally);
    }

    public Random Random { get; }

    public Tally Tally { get; }

    public SimulatedTime Time { get; } = new();

    public Ledger Ledger { get; } = new();

    public SimulatedBroker Broker { get; }

    /// <summary>Whether queues are completed and deleted in this simulation. In most they are not, or too little would happen afterwards.</summary>
    public bool MayEndQueues { get; }

    /// <summary>Whether a client may hold but a few items of a queue, so that its gets are refused.</summary>
    public bool MayHoldFew { get; }

    public bool SomethingWasCompleted { get; set; }

    public QueueOptions OptionsOf(string name) => _options[name];

    public (SimulatedLink, SimulatedLink) CreateLinks() => SimulatedLink.CreatePair(_capacityBytes, () => _stamps++);

    public SimulatedItem NewItem(int client)
    {
        var item = new SimulatedItem(++_lastItem, Pick(0, 1, 10, 10, 30, 30, 400, Random.Next(8) == 0 ? 20_000 : 5, Random.Next(8) == 0 ? 30_000 : 5), IsPoison: Random.Next(25) == 0);
        Ledger.Put(item.Id);
        Say($"client {client} has item {item.Id} of {item.Bytes} bytes{(item.IsPoison ? ", poison" : string.Empty)}");
        _putBy.Add(item.Id, client);
        return item;
    }

    /// <summary>A client is no more: what became of its puts nobody will know.</summary>
    public void Forget(int client)
    {
        foreach (var (id, _) in _putBy.Where(put => put.Value == client))
        {
            Ledger.Forget(id);
        }
    }

    public TimeSpan PickTimeout() => Random.Next(4) switch
    {
        0 => TimeSpan.Zero,
        1 => Timeout.InfiniteTimeSpan,
        _ => TimeSpan.FromMicroseconds(Random.Next(1, 20_000)),
    };

    public void Say(string what) => _transcript?.Add($"{Time.Now,10} {what}");

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Random.Next(choices.Count)];

    private int Pick(params ReadOnlySpan<int> choices) => choices[Random.Next(choices.Length)];
}
