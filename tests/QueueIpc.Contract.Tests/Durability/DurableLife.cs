using QueueIpc.Core;
using QueueIpc.Core.Tests.Model;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Simulation;

namespace QueueIpc.Tests.Durability;

/// <summary>
/// One random life of a durable queue: the real sessions, engine and machine, over a store that forgets. The broker is killed and started again in
/// between. Whatever a client is told must be true on the disk at that moment, and after every crash.
/// </summary>
internal sealed class DurableLife : IDisposable
{
    private const string Queue = "jobs";

    private static readonly (int Weight, string Name, Action<DurableLife> Step)[] Steps =
    [
        (30, "put", life => life.Put()),
        (20, "get", life => life.Get()),
        (16, "ack", life => life.Settle(Op.Ack)),
        (5, "nack", life => life.Settle(Op.Nack)),
        (3, "release", life => life.Settle(Op.Release)),
        (3, "dead-letter", life => life.Settle(Op.DeadLetter)),
        (4, "subscribe", life => life.Subscribe()),
        (8, "advance", life => life.Advance()),
        (2, "redrive", life => life.Administer(Op.Redrive)),
        (1, "delete dead", life => life.Administer(Op.DeleteDead)),
        (1, "clear", life => life.Administer(Op.Clear)),
        (5, "peek", life => life.Peek()),
        (3, "join", life => life.Join()),
        (1, "complete", life => life.Complete()),
        (40, "keep", life => life.Keep()),
        (10, "time", life => life.PassTime()),
        (3, "room", life => life.ChangeRoom()),
        (3, "kill a client", life => life.KillClient()),
        (3, "connect", life => life.Connect()),
        (3, "cut", life => life.Cut()),
        (3, "crash", life => life.Crash()),
    ];

    /// <summary>Mostly hardly anything is in memory, so that everything waits for the disk.</summary>
    private static readonly Nearness[] Nears = [new(0, 1), new(0, 40), new(30, 1), new(100, 60), new(100_000, 100_000)];

    private static readonly int WeightTotal = Steps.Sum(step => step.Weight);

    private readonly Random _random;
    private readonly Tally _tally;
    private readonly List<string>? _transcript;
    private readonly SimulatedTime _time = new();
    private readonly DurableLedger _ledger = new();
    private readonly int _capacity;

    // In a calm life no lease expires and no client is killed: whatever fails is the end of a broker.
    private readonly bool _calm;
    private SimulatedClock _clock;
    private ForgetfulStore _store;
    private SessionBroker _broker;
    private List<DurableClient> _clients = [];
    private long _lastId;
    private bool _completed;

    public DurableLife(int seed, Tally tally, List<string>? transcript = null, ReadingFault fault = ReadingFault.None)
    {
        (_random, _tally, _transcript) = (new Random(seed), tally, transcript);
        _capacity = _random.Next(3) == 0 ? _random.Next(1, 5) : 0;
        _calm = _random.Next(3) == 0;
        _store = new ForgetfulStore(Nears[_random.Next(Nears.Length)]) { Fault = fault };
        _clock = new SimulatedClock(_time);
        _broker = new SessionBroker(clock: _clock, store: _store);
        Connect();
        Connect();
    }

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var lot = _random.Next(WeightTotal);
            var choice = 0;
            while (lot >= Steps[choice].Weight)
            {
                lot -= Steps[choice++].Weight;
            }

            _transcript?.Add($"{step,3} {Steps[choice].Name}");
            Steps[choice].Step(this);
            Listen();
        }

        _store.HasRoom = true;
        Crash();
        _ledger.CheckAfterTheEnd(Drain());
    }

    public void Dispose()
    {
        _broker.Dispose();
        _store.Dispose();
    }

    private void Connect()
    {
        if (_clients.Count < 4)
        {
            var client = new DurableClient(_broker, _ledger, Queue, _capacity, _transcript);
            _clients.Add(client);
            Listen();
        }
    }

    private void Put() => With(client =>
    {
        long[] ids = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => ++_lastId)];
        client.Put(ids, waits: _random.Next(2) == 0, OnDisk);
        _tally.Add(_store.HasRoom ? "put" : "put while the disk is full");
    });

    private void Get() => With(client => client.Get(lease: _random.Next(2) == 0, _random.Next(1, 4), waits: _random.Next(2) == 0));

    private void Subscribe() => With(client => client.Subscribe(lease: _random.Next(2) == 0, _random.Next(1, 8)));

    private void Advance() => With(client => client.Advance(_random));

    private void Settle(Op verdict) => With(client =>
    {
        if (client.Settle(verdict, _random, OnDisk))
        {
            _tally.Add($"{verdict}");
        }
    });

    private void Administer(Op op) => With(client => client.Administer(op));

    private void Peek() => With(client => client.Peek(_random.Next(1, 4)));

    private void Join() => With(client => client.Join(waits: _random.Next(2) == 0));

    private void Complete()
    {
        // Late, and rarely: nothing can be put any more.
        if (_random.Next(4) == 0)
        {
            _completed = true;
            var discard = _random.Next(2) == 0;
            With(client => client.Complete(discard, OnDisk));
        }
    }

    private void Keep()
    {
        _tally.Add(_store.Pending > 0 ? "kept something" : "nothing to keep");
        var arrived = _store.Arrived;
        _store.Keep(_random.Next(1, 4));
        _tally.Add(_store.Arrived > arrived ? "items arrived" : "nothing arrived");
    }

    private void PassTime()
    {
        if (!_calm && _random.Next(4) == 0)
        {
            _ledger.AllMayFail();
            _clock.Advance(TimeSpan.FromSeconds(31));
        }

        _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 100)));
    }

    private void ChangeRoom()
    {
        _store.HasRoom = !_store.HasRoom;
        if (_store.HasRoom)
        {
            _broker.Queues.ResumeStarved();
            _clock.RunDue();
        }
    }

    private void KillClient() => With(client =>
    {
        if (!_calm)
        {
            client.Kill();
            _clients.Remove(client);
        }
    });

    /// <summary>The broker is gone, and whatever was not kept; another begins on what was. Its clients hear nothing more.</summary>
    private void Crash()
    {
        _tally.Add(_store.Pending > 0 ? "crash: something was not kept" : "crash: all was kept");
        foreach (var client in _clients)
        {
            client.Abandon();
        }

        var hadRoom = _store.HasRoom;
        (_store, _clock) = (_store.Crash(), new SimulatedClock(_time));
        _store.HasRoom = hadRoom;
        _broker = new SessionBroker(clock: _clock, store: _store);
        _clients = _clients.ConvertAll(ComeBack);
        Listen();
        Connect();
    }

    /// <summary>A connection is lost, and what was on its way to the client; it comes back on another one.</summary>
    private void Cut() => With(client =>
    {
        if (!_calm)
        {
            client.Kill();
            client.Abandon();
            _clients[_clients.IndexOf(client)] = ComeBack(client);
            Listen();
        }
    });

    private DurableClient ComeBack(DurableClient client)
    {
        if (client.HasOpenAcks)
        {
            _tally.Add("came back and asked for an ack");
        }

        _tally.Add(client.HasOpenPuts ? "came back and put again" : "came back");
        return new DurableClient(_broker, _ledger, Queue, _capacity, _transcript, client);
    }

    /// <summary>Everything that clients were told is heard, and held against what is on the disk now.</summary>
    private void Listen()
    {
        foreach (var client in _clients)
        {
            client.Listen(id => _ledger.CheckKept(id, OnDisk()));
        }
    }

    /// <summary>All that is left: what can be got, in its order, and what is dead.</summary>
    private (List<long> Got, List<long> Dead) Drain()
    {
        _store.Keep(int.MaxValue);
        _clock.Advance(TimeSpan.FromHours(2));
        Listen();
        foreach (var client in _clients)
        {
            client.Kill();
        }

        var last = new DurableClient(_broker, _ledger, Queue, _capacity, _transcript);
        _store.Keep(int.MaxValue);
        _tally.Add(_completed ? "end: completed" : "end: open");
        var got = last.TakeAll(() =>
        {
            Assert.True(_store.Pending > 0, "Somebody waits for what nobody reads");
            _store.Keep(int.MaxValue);
        });
        _store.Keep(int.MaxValue);
        var stored = _store.Find(Queue);
        return (got, [.. stored?.Items.Where(item => item.Fate == ChangeKind.Died).Select(item => DurableClient.IdOf(item.Item.Bytes)) ?? []]);
    }

    /// <summary>What would be found after a crash at this moment.</summary>
    private StoredQueue OnDisk() => _store.Find(Queue) ?? new StoredQueue(Queue, new QueueSettings());

    private void With(Action<DurableClient> act)
    {
        if (_clients.Count > 0)
        {
            act(_clients[_random.Next(_clients.Count)]);
        }
    }
}
