using QueueIpc.Client;
using QueueIpc.Core;
using QueueIpc.Core.Tests.Model;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Simulation;

/// <summary>One client as the <see cref="ModelBroker"/> sees it: what it has open, and what the broker still has to tell it.</summary>
internal sealed class ModelSession
{
    private readonly FrameReader _sent = new(int.MaxValue);
    private readonly Queue<Delivery> _deliveries = new();
    private readonly List<Answer> _answers = [];
    private readonly Dictionary<uint, long> _lastPut = [];

    /// <summary>What the client has sent and was not dealt with yet.</summary>
    public FrameReader Incoming { get; } = new(int.MaxValue);

    /// <summary>The queues that it has open. In the very collection that the session has them in, because items go back in this order.</summary>
    public Dictionary<uint, (ModelBroker.NamedQueue Queue, int Client)> Open { get; } = [];

    public uint LastQueueId { get; set; }

    public bool SaidBye { get; set; }

    public bool HasEnded { get; set; }

    /// <summary>Whether the broker has ended the connection, and is not expected to say anything any more.</summary>
    public bool IsClosed { get; set; }

    /// <summary>When the frame began that has come in part.</summary>
    public long? FrameBeganAt { get; set; }

    /// <summary>Whether the broker has told the client that this is the end, and listens to nothing any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>The contents of all items that the broker has sent, in order.</summary>
    public List<byte[]> Delivered { get; } = [];

    /// <summary>What the broker holds for it.</summary>
    public IEnumerable<long> Held => Open.Values.SelectMany(open => open.Queue.Model.HeldBy(open.Client)).Select(item => SimulatedItem.IdOf(item.Content));

    public void Expect(Op op, in FrameHeader asked, object? about = null)
    {
        if (asked.Request != 0)
        {
            _answers.Add(new Answer(op, asked.Queue, asked.Request, about));
        }
    }

    public void Expect(ModelEffect effect, uint queueId, ModelBroker.NamedQueue queue)
    {
        if (HasEnded || IsClosed)
        {
            return;
        }

        if (effect.Delivery is { } delivery)
        {
            var isOfGet = delivery is { WithoutToken: false, Lease: false } or { InHand: true };
            _deliveries.Enqueue(new Delivery(queueId, effect.Request, delivery, queue, isOfGet));
        }
        else
        {
            _answers.Add(new Answer(OpOf(effect.Kind), queueId, effect.Request, effect.Kind == EffectKind.TooManyHeld ? null : effect.Count));
        }
    }

    /// <summary>Items are numbered as their puts begin, and go on their way in that order, whichever calls they are put with.</summary>
    public void CheckPutsAreInOrder(uint queue, byte[]?[] items)
    {
        foreach (var id in items.Select(item => SimulatedItem.IdOf(item)))
        {
            Assert.True(id > _lastPut.GetValueOrDefault(queue), $"Item {id} was put out of turn");
            _lastPut[queue] = id;
        }
    }

    /// <summary>The broker has sent these bytes: every whole frame must be one that was expected.</summary>
    public void Sent(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _sent.Take(ref bytes);
            while (_sent.TryRead(out var header, out var body))
            {
                var request = header.Request;
                if (header.Op == Op.Items && !_answers.Exists(answer => answer.Op == Op.Items && answer.Request == request))
                {
                    CheckDelivery(header, body);
                }
                else if (header.Op != Op.Error)
                {
                    CheckAnswer(header, body);
                }
            }
        }
    }

    /// <summary>The broker has nothing more to say now: then it has said everything.</summary>
    public void CheckNothingIsExpected()
    {
        if (IsClosed || HasEnded)
        {
            _deliveries.Clear();
            _answers.Clear();
            return;
        }

        Assert.True(_deliveries.Count == 0, "An item was not delivered that should be");
        Assert.True(_answers.Count == 0, "A request was not answered that should be");
    }

    private static Op OpOf(EffectKind kind) => kind switch
    {
        EffectKind.Accepted or EffectKind.Joined => Op.Done,
        EffectKind.TooManyHeld => Op.Refused,
        _ => Enum.Parse<Op>(kind.ToString()),
    };

    private void CheckDelivery(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var withTokens = (header.Flags & FrameHeader.LeaseFlag) != 0;
        for (var items = new DeliveredItems(body.ToArray(), body.Length, withTokens, version: 2); items.Remaining > 0;)
        {
            var item = items.Next();
            Assert.True(_deliveries.TryDequeue(out var expected), "An item was delivered that should not be");
            var (id, request, delivery, queue, _) = expected;
            Assert.True(id == header.Queue && request == header.Request, "An item was delivered to somebody else than the first in line");
            Assert.True(item.Bytes.Span.SequenceEqual(delivery.Item.Content), "Another item was delivered than the first in line");
            Assert.True(delivery.WithoutToken != withTokens, "An item came with a token, or without one, and should not");
            if (withTokens)
            {
                Assert.True(delivery.Failures == item.Failures, "An item came with another number of failures");
                Assert.True(delivery.Item.Sequence == item.Sequence, "An item came with another sequence number");
                delivery.Token = item.Token;
                Assert.True(queue.Tokens.TryAdd(item.Token, delivery), "A token was given out twice");
            }

            Delivered.Add(delivery.Item.Content!);
        }

        var isInTwo = _deliveries.TryPeek(out var next) && next.IsOfGet && next.Request == header.Request;
        Assert.False(isInTwo, "A get was answered in two frames");
    }

    private void CheckAnswer(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var (op, queue, request) = (header.Op, header.Queue, header.Request);
        var at = _answers.FindIndex(answer => answer.Op == op && answer.Queue == queue && answer.Request == request);
        Assert.True(at >= 0, $"The broker answers {op} to #{request}, and should not");
        Assert.True(op == Op.Recall || _deliveries.All(delivery => delivery.Request != request), $"#{request} was answered before all its items had come");
        var about = _answers[at].About;
        _answers.RemoveAt(at);
        CheckBody(op, new BodyReader(body), about);
    }

    private static void CheckBody(Op op, BodyReader body, object? about)
    {
        switch (about)
        {
            case int count:
                Assert.True(count == body.Int64(), $"{op} says another number than {count}");
                break;
            case ModelItem item:
                Assert.Equal(1, body.Int32());
                Assert.True(body.Item(out _).SequenceEqual(item.Content), "Another item is shown than the first in line");
                break;
            case (byte[]?[] oldest, int all):
                var dead = QueueReports.ReadDead(body, version: 2);
                Assert.Equal(oldest, dead.Oldest.Select(item => item.Bytes.ToArray()));
                Assert.Equal(all, dead.All);
                break;
            case QueueCounts[] counts:
                Assert.Equal(
                    counts.Select(count => (count.Ready, count.Held, count.Delayed, count.Dead, count.Bytes, count.WaitingGets, count.WaitingPuts, count.TotalPut, count.TotalTaken, count.IsCompleted, IsDraining: count.IsClosed && !count.IsCompleted)),
                    QueueReports.ReadInfos(body, version: 2).Select(info => (info.Ready, info.Leased, info.Delayed, info.Dead, info.Bytes, info.WaitingGets, info.WaitingPuts, info.TotalPut, info.TotalTaken, info.IsCompleted, info.IsDraining)));
                break;
        }
    }

    private sealed record Delivery(uint Queue, ulong Request, ModelDelivery What, ModelBroker.NamedQueue From, bool IsOfGet);

    private sealed record Answer(Op Op, uint Queue, ulong Request, object? About);
}
