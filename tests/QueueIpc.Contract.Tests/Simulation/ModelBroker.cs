using QueueIpc.Broker;
using QueueIpc.Core;
using QueueIpc.Core.Tests.Model;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Simulation;

/// <summary>
/// A broker as docs/protocol.md describes it, with a <see cref="ModelQueue"/> for each queue. It reads what the clients send, and
/// knows of everything that the real broker sends back whether, to whom and in which order it has to come.
/// </summary>
internal sealed class ModelBroker(SimulatedTime time, long memoryLimit, int heldMax, Tally tally)
{
    private readonly Dictionary<string, NamedQueue> _names = [];
    private readonly Dictionary<int, (ModelSession Session, uint Id)> _attached = [];
    private readonly HashSet<NamedQueue> _changed = [];
    private int _lastClient;

    /// <summary>Told of every item that is gone because its consumer has confirmed or acked it.</summary>
    public Action<byte[]>? Taken { get; init; }

    /// <summary>Told of every item that is gone because somebody wanted all such items gone, or there were too many dead.</summary>
    public Action<byte[]>? Dropped { get; init; }

    /// <summary>All queues that there ever were.</summary>
    public List<NamedQueue> Queues { get; } = [];

    /// <summary>The queues to which anything was done since this was last called.</summary>
    public IReadOnlyList<NamedQueue> TakeChanged()
    {
        NamedQueue[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    /// <summary>Bytes have come from a client: whatever frames are whole now are dealt with.</summary>
    public void Receive(ModelSession session, ReadOnlySpan<byte> bytes)
    {
        var frames = 0;
        while (!bytes.IsEmpty && !session.IsOver)
        {
            session.Incoming.Take(ref bytes);
            while (session.Incoming.TryRead(out var header, out var body))
            {
                frames++;
                Handle(session, header, new BodyReader(body));
            }
        }

        session.FrameBeganAt = !session.Incoming.IsInsideFrame ? null : frames > 0 ? time.Now : session.FrameBeganAt ?? time.Now;
        tally.Add(frames switch { 0 => "frame: split", 1 => "frame: alone", _ => "frames: together" });
    }

    /// <summary>The session has ended: all that was the client's is undone.</summary>
    public void End(ModelSession session)
    {
        session.HasEnded = true;
        foreach (var (queue, client) in session.Open.Values)
        {
            var waiting = queue.Model.Requests.Count(request => request.Client == client && request.Rest.Count > 0);
            tally.Add(waiting > 0 ? "fault: a waiting put dropped with its client" : "end: no put waits");
            Share(queue);
            queue.Model.Detach(client, failed: !session.SaidBye, time.Now);
            Collect(queue);
        }
    }

    /// <summary>A frame that has begun and is not whole in time ends its connection.</summary>
    public void EndIfSlow(ModelSession session, TimeSpan timeout)
    {
        if (!session.IsOver && session.FrameBeganAt is { } began && TimeSpan.FromMicroseconds(time.Now - began) >= timeout)
        {
            tally.Add("fault: a frame that took too long");
            session.IsOver = true;
        }
    }

    public void Tick(NamedQueue queue)
    {
        Share(queue);
        var held = queue.Model.Counts(time.Now).Held;
        queue.Model.Tick(time.Now);
        tally.Add(queue.Model.Counts(time.Now).Held < held ? "fault: a lease expired" : "tick: no lease expired");
        Collect(queue);
    }

    /// <summary>Some memory came free, and those who wait for it are told.</summary>
    public void ResumeAll()
    {
        foreach (var queue in _names.Values)
        {
            Share(queue);
            queue.Model.Resume(time.Now);
            Collect(queue);
        }
    }

    private static long Deadline(long now, long wait) => wait < 0 || wait >= Timed.Never - now ? Timed.Never : now + wait;

    private static byte[]?[] ReadItems(ref BodyReader body)
    {
        var items = new byte[]?[body.Int32()];
        for (var i = 0; i < items.Length; i++)
        {
            var bytes = body.Item(out var length);
            items[i] = length == Item.NullLength ? null : bytes.ToArray();
        }

        return items;
    }

    private void Handle(ModelSession session, in FrameHeader header, BodyReader body)
    {
        tally.Add($"op: {header.Op}");
        if (header.Queue == 0)
        {
            HandleForConnection(session, header, body);
            return;
        }

        Assert.True(session.Open.TryGetValue(header.Queue, out var open), $"{header.Op} for a queue that is not open");
        var (queue, client) = open;
        Share(queue);
        HandleForQueue(session, header, body, queue, client);
        Collect(queue);
    }

    private void HandleForConnection(ModelSession session, in FrameHeader header, BodyReader body)
    {
        switch (header.Op)
        {
            case Op.Hello:
                session.Expect(Op.Welcome, header);
                break;
            case Op.Bye:
                session.SaidBye = true;
                break;
            case Op.Open:
                Open(session, header, body);
                break;
            case Op.List:
                session.Expect(Op.QueueInfos, header, InfosOf([.. _names.Values]));
                break;
            case Op.Connections:
                session.Expect(Op.ConnectionInfos, header);
                break;
            case Op.Update:
                if (_names.TryGetValue(body.Text(), out var updated))
                {
                    Share(updated);
                    updated.Model.Update(ReadSettings(ref body), time.Now);
                    Collect(updated);
                    session.Expect(Op.Done, header, 0);
                }
                else
                {
                    session.Expect(Op.Refused, header);
                }

                break;
            case Op.Delete:
                if (_names.Remove(body.Text(), out var queue))
                {
                    tally.Add(queue.Model.Requests.Count > 0 ? "fault: a queue deleted under its callers" : "delete: nobody waits");
                    Share(queue);
                    var there = queue.Model.Counts(time.Now);
                    queue.Model.Delete();
                    Collect(queue);
                    session.Expect(Op.Done, header, there.Ready + there.Held + there.Delayed + there.Dead);
                }
                else
                {
                    session.Expect(Op.Refused, header);
                }

                break;
            default:
                Assert.Fail($"{header.Op} is no request about a connection");
                break;
        }
    }

    private static QueueSettings ReadSettings(ref BodyReader body) =>
        new() { Capacity = body.Int32(), MaxBytes = body.Int64(), LeaseTime = body.Int64(), MaxFailures = body.Int32() };

    private static HashSet<long>? ReadSequences(ref BodyReader body)
    {
        if (!body.Bool())
        {
            return null;
        }

        var sequences = new HashSet<long>();
        for (var left = body.Int32(); left > 0; left--)
        {
            sequences.Add(body.Int64());
        }

        return sequences;
    }

    private void Open(ModelSession session, in FrameHeader header, BodyReader body)
    {
        var name = body.Text();
        var settings = body.Bool()
            ? ReadSettings(ref body)
            : null;
        if (!_names.TryGetValue(name, out var queue))
        {
            queue = new NamedQueue(name, new ModelQueue(settings ?? new QueueSettings(), memoryLimit, heldMax)
            {
                Taken = item => Taken?.Invoke(item.Content!),
                Dropped = item => Dropped?.Invoke(item.Content!),
            });
            _names.Add(name, queue);
            Queues.Add(queue);
        }

        var client = _lastClient++;
        session.Open.Add(++session.LastQueueId, (queue, client));
        queue.Model.Attach(client, session);
        _attached.Add(client, (session, session.LastQueueId));
        _changed.Add(queue);
        session.Expect(Op.Opened, header with { Queue = session.LastQueueId });
    }

    private void HandleForQueue(ModelSession session, in FrameHeader header, BodyReader body, NamedQueue queue, int client)
    {
        var (model, now, request) = (queue.Model, time.Now, header.Request);
        var lease = (header.Flags & FrameHeader.LeaseFlag) != 0;
        switch (header.Op)
        {
            case Op.Put:
                var putUntil = Deadline(now, body.Int64());
                var items = ReadItems(ref body);
                session.CheckPutsAreInOrder(header.Queue, items);
                model.Put(client, request, items, putUntil, now);
                break;
            case Op.Get:
                var getUntil = Deadline(now, body.Int64());
                model.Get(client, request, lease, body.Int32(), getUntil, now);
                break;
            case Op.Join:
                model.Join(client, request, Deadline(now, body.Int64()), now);
                break;
            case Op.Subscribe:
                model.Subscribe(client, request, lease, body.Int32(), body.Int64(), now, canReturn: (header.Flags & FrameHeader.ReturnFlag) != 0);
                break;
            case Op.Advance:
                Assert.True(model.Advance(client, request, body.UInt64(), body.Int32(), now), "A reader confirms what it was not sent");
                break;
            case Op.Return:
                Assert.True(model.Return(client, request, body.UInt64(), body.UInt64(), now), "A reader gives back what it was not sent");
                break;
            case Op.RejectNext:
                model.RejectNext(client, request, body.Text(), now);
                break;
            case Op.Cancel:
                tally.Add(model.Requests.Any(open => open.Client == client && open.Id == request) ? "cancel: in time" : "cancel: too late");
                model.Cancel(client, request, now);
                break;
            case Op.Close:
                session.Open.Remove(header.Queue);
                model.Detach(client, failed: false, now);
                session.Expect(Op.Done, header, 0);
                break;
            case Op.Ack:
                Settle(session, header, body, queue, delivery => model.Ack(delivery, client, now));
                break;
            case Op.Release:
                Settle(session, header, body, queue, delivery => model.Release(delivery, client, now));
                break;
            case Op.Nack:
                var delay = body.Int64();
                var why = body.Text() is { Length: > 0 } said ? said : "its consumers failed with it";
                Settle(session, header, body, queue, delivery => model.Nack(delivery, client, delay, now, why));
                break;
            case Op.Extend:
                var duration = body.Int64();
                Settle(session, header, body, queue, delivery => model.Extend(delivery, client, duration, now));
                break;
            case Op.DeadLetter:
                var reason = body.Text();
                Settle(session, header, body, queue, delivery => model.DeadLetter(delivery, client, reason, now));
                break;
            default:
                Administer(session, header, body, queue);
                break;
        }
    }

    private void Administer(ModelSession session, in FrameHeader header, BodyReader body, NamedQueue queue)
    {
        var (model, now) = (queue.Model, time.Now);
        switch (header.Op)
        {
            case Op.Info:
                session.Expect(Op.QueueInfos, header, InfosOf([queue]));
                break;
            case Op.Peek when model.FirstReady is { } first:
                session.Expect(Op.Items, header, first);
                break;
            case Op.Peek:
                session.Expect(Op.Empty, header, 0);
                break;
            case Op.Clear:
                session.Expect(Op.Done, header, model.Clear(now));
                break;
            case Op.Redrive:
                session.Expect(Op.Done, header, model.Redrive(now, ReadSequences(ref body)));
                break;
            case Op.DeleteDead:
                session.Expect(Op.Done, header, model.DeleteDead(now, ReadSequences(ref body)));
                break;
            case Op.Complete:
                model.Complete(body.Bool(), now);
                session.Expect(Op.Done, header, 0);
                break;
            case Op.GetHeld:
                session.Expect(Op.HeldItems, header);
                break;
            case Op.GetDead:
                session.Expect(Op.DeadItems, header, (model.Dead.Take(body.Int32()).Select(item => item.Content).ToArray(), model.Counts(now).Dead));
                break;
            default:
                Assert.Fail($"{header.Op} is no request about a queue");
                break;
        }
    }

    private void Settle(ModelSession session, in FrameHeader header, BodyReader body, NamedQueue queue, Func<ModelDelivery, bool> settle)
    {
        var (asked, settled) = (body.Int32(), 0);
        for (var i = 0; i < asked; i++)
        {
            settled += settle(queue.Tokens[body.UInt64()]) ? 1 : 0;
        }

        tally.Add($"{header.Op}: {(settled == asked ? "done" : "lease lost")}");
        session.Expect(settled == asked ? Op.Done : Op.LeaseLost, header, settled);
    }

    private QueueCounts[] InfosOf(IReadOnlyList<NamedQueue> queues) => [.. queues.Select(queue => queue.Model.Counts(time.Now))];

    private void Share(NamedQueue queue) =>
        queue.Model.MemoryUsedByOthers = Queues.Sum(other => ReferenceEquals(other, queue) ? 0 : other.Model.MemoryUsed);

    /// <summary>What the model has decided is expected of the broker.</summary>
    private void Collect(NamedQueue queue)
    {
        _changed.Add(queue);
        foreach (var effect in queue.Model.Effects)
        {
            var (session, id) = _attached[effect.Client];
            tally.Add(effect.Kind == EffectKind.TooManyHeld ? "fault: a client that holds too many" : "effect: as ever");
            session.Expect(effect, id, queue);
        }

        queue.Model.Effects.Clear();
    }

    /// <summary>A queue, its model, and the real one.</summary>
    internal sealed class NamedQueue(string name, ModelQueue model)
    {
        public string Name => name;

        public ModelQueue Model => model;

        public QueueEngine? Engine { get; set; }

        /// <summary>Every token that the broker ever gave out for it.</summary>
        public Dictionary<ulong, ModelDelivery> Tokens { get; } = [];
    }
}
