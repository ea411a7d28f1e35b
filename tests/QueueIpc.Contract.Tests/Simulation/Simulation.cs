using QueueIpc.Core.Tests.Model;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;

namespace QueueIpc.Tests.Simulation;

/// <summary>
/// One random life of a broker and its clients, in one thread and in a time of its own. A seed decides everything: who does what, which bytes
/// arrive when, whose clock is late, and what goes wrong. After every step the broker is what its model is, and at the end nothing is lost.
/// </summary>
internal sealed class Simulation
{
    private const int ClientsMax = 4;
    private const int RoundsMax = 10_000;

    private static readonly (int Weight, string Name, Action<Simulation> Step)[] Steps =
    [
        (60, "act", simulation => simulation.Act()),
        (100, "deliver", simulation => simulation.Deliver()),
        (12, "write on", simulation => simulation.WriteOn()),
        (20, "tick", simulation => simulation.Tick()),
        (12, "time", simulation => simulation.PassTime()),
        (7, "cancel", simulation => simulation.Cancel()),
        (4, "connect", simulation => simulation.Connect()),
        (3, "stop", simulation => simulation.StopOrContinue()),
        (3, "slow", simulation => simulation.SlowOrQuick()),
        (2, "break", simulation => simulation.Break()),
        (1, "kill", simulation => simulation.Kill()),
        (1, "bye", simulation => simulation.Bye()),
        (1, "stranger", simulation => simulation.ConnectStranger()),
    ];

    private static readonly int WeightTotal = Steps.Sum(step => step.Weight);

    private readonly SimulatedWorld _world;
    private readonly Tally _tally;
    private readonly List<SimulatedClient> _clients = [];
    private readonly List<SimulatedLink> _strangers = [];
    private int _connected;
    private int _step;

    public Simulation(int seed, Tally tally, List<string>? transcript = null)
    {
        (_world, _tally) = (new SimulatedWorld(seed, tally, transcript), tally);
        Connect();
        Connect();
    }

    public void Run(int steps)
    {
        for (_step = 1; _step <= steps; _step++)
        {
            var lot = _world.Random.Next(WeightTotal);
            var choice = 0;
            while (lot >= Steps[choice].Weight)
            {
                lot -= Steps[choice++].Weight;
            }

            _world.Say($"{_step}: {Steps[choice].Name}");
            Steps[choice].Step(this);
            _clients.ForEach(client => client.EndCalls());
            _clients.ForEach(client => client.CheckFarewell());
            _clients.RemoveAll(client => client.IsForgotten);
        }

        Finish();
    }

    private IEnumerable<SimulatedClient> Running => _clients.Where(client => client is { IsOver: false, IsStopped: false });

    private IEnumerable<SimulatedLink> Ends => _clients.SelectMany(client => client.CanRead ? new[] { client.BrokerEnd, client.Link } : [client.BrokerEnd]).Concat(_strangers);

    private void Act() => Choose(Running, client => client.Act());

    /// <summary>Some bytes arrive at some end; or its end does, after the last of them.</summary>
    private void Deliver() => Choose(Ends.Where(end => end.InboxBytes > 0 || end.CanEnd), end =>
    {
        if (end.InboxBytes == 0)
        {
            end.DeliverEnd();
            return;
        }

        var older = Ends.Any(other => other != end && other.InboxBytes > 0 && other.OldestStamp < end.OldestStamp);
        _tally.Add(older ? "fault: reordered between connections" : "deliver: the oldest bytes");
        var count = _world.Random.Next(4) switch
        {
            0 => _world.Random.Next(1, Math.Min(end.InboxBytes, 25) + 1),
            1 => _world.Random.Next(1, end.InboxBytes + 1),
            _ => end.InboxBytes,
        };
        _world.Say($"{count} of {end.InboxBytes} bytes to {end.Name}");
        end.Deliver(count);
    });

    /// <summary>A writer that found no room goes on.</summary>
    private void WriteOn()
    {
        var writers = _clients.SelectMany(client => client.IsKilled || client.IsStopped ? new[] { client.BrokerEnd } : [client.BrokerEnd, client.Link]).Concat(_strangers);
        Choose(writers.Where(end => end.CanGoOn), end => end.GoOn());
    }

    /// <summary>The clock's thread of some process has its turn.</summary>
    private void Tick()
    {
        if (_world.Random.Next(2) == 0)
        {
            var late = _world.Broker.Clock.NextDue < _world.Time.Now;
            _tally.Add(_world.Broker.RunDue() ? late ? "fault: a late clock" : "tick: in time" : "tick: nothing due");
            return;
        }

        Choose(Awake.Where(client => client.Clock.NextDue <= _world.Time.Now), client =>
        {
            client.Clock.TryTakeDue(out var target);
            target.OnDue(_world.Time.Now);
        });
    }

    private IEnumerable<SimulatedClient> Awake => _clients.Where(client => client is { IsKilled: false, IsStopped: false });

    private void PassTime()
    {
        var now = _world.Time.Now;
        var next = _clients.Select(client => client.Clock.NextDue).Append(_world.Broker.Clock.NextDue).Min();
        _world.Time.Now += _world.Random.Next(40) switch
        {
            0 => 1_500_000,
            < 4 => 30_000,
            < 12 => 3_000,
            < 20 => _world.Random.Next(1, 200),
            _ => Math.Clamp(next - now, 0, 50_000),
        };
    }

    private void Cancel() => Choose(Running, client => client.CancelOne());

    private void Connect()
    {
        if (_clients.Count(client => !client.IsOver) < ClientsMax)
        {
            _clients.Add(new SimulatedClient(_world, _connected++));
        }
    }

    private void StopOrContinue() => Choose(_clients.Where(client => !client.IsOver), client =>
    {
        _tally.Add(client.IsStopped ? "fault: a stopped process goes on" : "fault: a process stopped");
        client.IsStopped = !client.IsStopped;
    });

    private void SlowOrQuick() => Choose(_clients.Where(client => !client.IsOver), client =>
    {
        _tally.Add(client.IsSlow ? "slow: quick again" : "fault: a slow reader");
        client.IsSlow = !client.IsSlow;
    });

    private void Break() => Choose(_clients.Where(client => !client.IsOver), client =>
    {
        _tally.Add(client.PendingCalls > 0 ? "fault: a pipe broken under calls" : "break: an idle pipe");
        client.Break(_world.Random.Next(client.BrokerEnd.InboxBytes + 1), _world.Random.Next(client.Link.InboxBytes + 1));
    });

    private void Kill() => Choose(_clients.Where(client => !client.IsOver), client =>
    {
        _tally.Add(client.IsStopped ? "fault: a stopped process killed" : "fault: a process killed");
        client.Kill(_world.Random.Next(client.BrokerEnd.InboxBytes + 1));
    });

    private void Bye() => Choose(Running, client =>
    {
        _tally.Add("fault: a client leaves in the middle");
        client.Dispose();
    });

    /// <summary>Somebody connects and says nothing, or half of what he should, or something else.</summary>
    private void ConnectStranger()
    {
        var (mine, theirs) = _world.CreateLinks();
        var kind = _world.Pick(["silent", "half-spoken", "garbled"]);
        mine.Received = bytes => _tally.Add($"fault: a {kind} stranger turned away");
        mine.Ended = () => { };
        _world.Broker.AcceptStranger(theirs);
        _strangers.AddRange([mine, theirs]);
        var words = WireFrame.Make(Op.Hello, 0, 1, write: EveryFrame.Hello).ToBytes();
        switch (kind)
        {
            case "half-spoken":
                mine.TryWrite(words.AsSpan(0, _world.Random.Next(1, words.Length)));
                break;
            case "garbled":
                words[_world.Random.Next(words.Length - sizeof(int))] ^= 0x10;
                mine.TryWrite(words);
                break;
        }
    }

    private void Choose<T>(IEnumerable<T> choices, Action<T> act)
    {
        T[] all = [.. choices];
        if (all.Length > 0)
        {
            act(_world.Pick(all));
        }
    }

    /// <summary>Nothing goes wrong any more: then everything ends, and everything is there.</summary>
    private void Finish()
    {
        _clients.ForEach(client => client.IsStopped = client.IsSlow = false);
        BecomeQuiet();
        foreach (var client in _clients.Where(client => !client.IsOver))
        {
            client.CancelAll();
        }

        BecomeQuiet();
        _clients.ForEach(client => client.CheckNothingHangs(evenPlain: false));
        foreach (var client in _clients.Where(client => !client.IsOver))
        {
            client.CheckHeldIsInHand();
            client.Dispose();
        }

        BecomeQuiet();
        _clients.ForEach(client => client.CheckFarewell());
        _clients.ForEach(client => client.CheckNothingHangs(evenPlain: true));
        _world.Time.Now += 3_600_000_000;
        BecomeQuiet();
        Assert.Equal(0, _world.Broker.Unsettled);

        var last = new SimulatedClient(_world, _connected++);
        _world.Ledger.CheckNothingIsLost(last.Drain());
    }

    /// <summary>Everything that is under way arrives, and everything that is due happens.</summary>
    private void BecomeQuiet()
    {
        var rounds = 0;
        for (var isQuiet = false; !isQuiet;)
        {
            Assert.True(++rounds < RoundsMax, "It never becomes quiet");
            isQuiet = true;
            foreach (var end in Ends.Where(end => end.CanGoOn || end.InboxBytes > 0 || end.CanEnd).ToArray())
            {
                isQuiet = false;
                if (end.CanGoOn)
                {
                    end.GoOn();
                }
                else if (end.InboxBytes > 0)
                {
                    end.Deliver(end.InboxBytes);
                }
                else if (end.CanEnd)
                {
                    end.DeliverEnd();
                }
            }

            isQuiet &= !_world.Broker.RunDue();
            foreach (var client in Awake.Where(client => client.Clock.NextDue <= _world.Time.Now).ToArray())
            {
                isQuiet = false;
                client.Clock.TryTakeDue(out var target);
                target.OnDue(_world.Time.Now);
            }

            _clients.ForEach(client => client.EndCalls());
        }
    }
}
