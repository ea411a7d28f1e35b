using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Broker;
using QueueIpc.Core;
using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Tests.Simulation;

/// <summary>
/// The real broker (sessions, registry, engines, machines) in a simulation, with the <see cref="ModelBroker"/> beside it: whatever is done
/// to the one is done to the other, and then they are compared.
/// </summary>
internal sealed class SimulatedBroker
{
    private readonly BrokerServices _services;
    private readonly ModelBroker _model;
    private readonly Tally _tally;
    private readonly bool _memoryIsShort;
    private readonly TimeSpan _frameTimeout;
    private readonly List<(BrokerSession Real, SimulatedLink Link, ModelSession Model)> _sessions = [];

    public SimulatedBroker(SimulatedTime time, QueueBrokerOptions options, Ledger ledger, Tally tally)
    {
        Clock = new SimulatedClock(time);
        (_tally, _memoryIsShort, _frameTimeout) = (tally, options.MaxMemoryBytes > 0, options.FrameTimeout);
        _services = new BrokerServices(options, NullLogger.Instance, Clock, () => [.. _sessions.Select(session => session.Real)], _ => { }).Start();
        _model = new ModelBroker(time, options.MaxMemoryBytes > 0 ? options.MaxMemoryBytes : long.MaxValue / 2, options.MaxHeldPerQueue, tally)
        {
            Taken = content => ledger.Taken(SimulatedItem.IdOf(content)),
            Dropped = content => ledger.Dropped(SimulatedItem.IdOf(content)),
        };
    }

    public SimulatedClock Clock { get; }

    /// <summary>What is held, delayed or waited for in all queues together.</summary>
    public int Unsettled => _model.Queues.Sum(queue =>
        queue.Engine!.Count() is var counts ? counts.Held + counts.WaitingGets + counts.WaitingPuts + counts.WaitingJoins : 0);

    /// <summary>A client that keeps to the protocol: what it hears is checked.</summary>
    public ModelSession Accept(SimulatedLink link)
    {
        var (session, model) = (new BrokerSession(_services, link), new ModelSession());
        _sessions.Add((session, link, model));
        link.Wrote = model.Sent;
        link.Received = bytes =>
        {
            // Where queues wait for each other's memory, each frame by itself: what one of them frees another may have at once.
            for (var step = _memoryIsShort ? 1 : bytes.Length; !bytes.IsEmpty; bytes = bytes[step..])
            {
                _model.Receive(model, bytes[..step]);
                session.Receive(bytes[..step]);
                Settle();
            }
        };
        link.Ended = () =>
        {
            _tally.Add(model.Incoming.IsInsideFrame ? "fault: the end inside a frame" : "end: between frames");
            _sessions.Remove((session, link, model));
            _model.End(model);
            session.EndInside();
            Settle();
        };
        return model;
    }

    /// <summary>Somebody who does not keep to the protocol.</summary>
    public void AcceptStranger(SimulatedLink link)
    {
        var session = new BrokerSession(_services, link);
        link.Received = session.Receive;
        link.Ended = session.EndInside;
    }

    /// <summary>The clock's thread has its turn: does one thing that is due, if there is one.</summary>
    public bool RunDue()
    {
        if (!Clock.TryTakeDue(out var target))
        {
            return false;
        }

        switch (target)
        {
            case QueueEngine engine when _model.Queues.Find(queue => ReferenceEquals(queue.Engine, engine)) is { } queue:
                _model.Tick(queue);
                break;
            case FrameTimer:
                _sessions.ForEach(session => _model.EndIfSlow(session.Model, _frameTimeout));
                break;
        }

        target.OnDue(Clock.Now);
        while (target is FrameTimer && Clock.TryTakeDue<FrameTimer>(out var next))
        {
            // One does not see whose it is; so all that are due have their turn together.
            next.OnDue(Clock.Now);
        }

        Settle();
        return true;
    }

    private void Settle()
    {
        while (Clock.TryTakeDue<QueueRegistry>(out var registry))
        {
            _tally.Add("fault: memory came free for a put that waited for it");
            _model.ResumeAll();
            registry.OnDue(Clock.Now);
        }

        foreach (var queue in _model.TakeChanged())
        {
            queue.Engine ??= _services.Queues.List().Single(engine => engine.Name == queue.Name);
            var counts = queue.Engine.Count();
            if (queue.Model.Counts(Clock.Now) is var expected && expected != counts)
            {
                Assert.Equal(expected, counts);
            }

            CheckInvariants(queue, counts);
        }

        foreach (var (_, link, model) in _sessions)
        {
            if (link.IsAborted && !model.IsClosed)
            {
                _tally.Add(link.WasCut ? "end: a broken pipe" : "fault: a client cut off that did not read");
                model.IsClosed = true;
            }

            if (link.WaitsForRoom)
            {
                _tally.Add("fault: a full pipe");
                continue;
            }

            model.CheckNothingIsExpected();
        }
    }

    /// <summary>The rules of a queue that can be seen in its numbers.</summary>
    private void CheckInvariants(ModelBroker.NamedQueue queue, QueueCounts counts)
    {
        Assert.True(counts.TotalPut == counts.TotalTaken + counts.Ready + counts.Delayed + counts.Held + counts.Dead + counts.TotalDropped,
            "Accepted = gone + ready + delayed + held + dead + cleared");
        Assert.True(counts.Ready == 0 || counts.WaitingGets == 0, "Items ready, and a get waits");
        Assert.True(!counts.IsCompleted || counts.WaitingGets + counts.WaitingPuts + counts.WaitingJoins == 0, "A completed queue, and somebody waits");
        var due = queue.Model.NextDeadline;
        Assert.True(due == Timed.Never || Clock.WillCall(queue.Engine!, due), "A deadline comes, and the clock does not know");
    }
}
