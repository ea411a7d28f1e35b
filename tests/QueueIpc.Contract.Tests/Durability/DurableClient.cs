using System.Buffers.Binary;
using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;

namespace QueueIpc.Tests.Durability;

/// <summary>A client of a durable queue, frame by frame. Every answer that it gets is checked against the disk when it comes.</summary>
internal sealed class DurableClient
{
    private readonly SessionClient _session;
    private readonly DurableLedger _ledger;
    private readonly List<string>? _transcript;
    private readonly Dictionary<ulong, Action<WireFrame>> _asked = [];
    private readonly List<(ulong Token, long Id)> _held = [];
    private readonly Dictionary<ulong, (bool Lease, ulong Confirmed, Queue<(ulong Token, long Id)> Ahead)> _subscriptions = [];
    private ulong _lastRequest = 100;
    private readonly Guid _producer;
    private readonly List<OpenPut> _openPuts;
    private readonly Dictionary<long, long> _sequences;
    private readonly List<long> _openAcks;
    private long _lastNumber;
    private bool _isOpen;

    /// <param name="broker">Whose client it is.</param>
    /// <param name="ledger">What it writes down.</param>
    /// <param name="queue">The queue that it uses.</param>
    /// <param name="capacity">The queue's capacity.</param>
    /// <param name="transcript">What it hears.</param>
    /// <param name="before">The client that it is, on the connection before this one: what that one put and heard nothing of is put again.</param>
    public DurableClient(SessionBroker broker, DurableLedger ledger, string queue, int capacity, List<string>? transcript, DurableClient? before = null)
    {
        _producer = before?._producer ?? Guid.NewGuid();
        _lastNumber = before?._lastNumber ?? 0;
        _openPuts = [.. before?._openPuts ?? []];
        _openAcks = [.. before?._openAcks ?? []];
        _sequences = before?._sequences ?? [];
        (_session, _ledger, _transcript) = (broker.Connect(), ledger, transcript);
        _session.Send(WireFrame.Make(Op.Hello, 0, 1, write: to =>
        {
            EveryFrame.Hello(to, version: 2);
            to.Copy(_producer.ToByteArray());
        }));
        _asked[1] = _ => { };
        _asked[2] = answer =>
        {
            Assert.Equal(Op.Opened, answer.Op);
            _isOpen = true;
            foreach (var put in _openPuts.ToArray())
            {
                Send(put, age: 1);
            }

            foreach (var id in _openAcks.ToArray())
            {
                AskWhetherItIsGone(id);
            }
        };
        _session.Send(WireFrame.Make(Op.Open, 0, 2, write: to => EveryFrame.OpenInVersion2(to, queue, capacity)));
    }

    public static byte[] ContentOf(long id)
    {
        var content = new byte[sizeof(long) + (id % 5)];
        BinaryPrimitives.WriteInt64LittleEndian(content, id);
        return content;
    }

    public static long IdOf(ReadOnlySpan<byte> content) => BinaryPrimitives.ReadInt64LittleEndian(content);

    public void Put(long[] ids, bool waits, Func<StoredQueue> onDisk)
    {
        if (!_isOpen)
        {
            return;
        }

        foreach (var id in ids)
        {
            _ledger.PutBegan(id, _producer);
        }

        var put = new OpenPut(ids, _lastNumber + 1, waits, onDisk);
        _lastNumber += ids.Length;
        _openPuts.Add(put);
        Send(put, age: 0);
    }

    private void Send(OpenPut put, long age)
    {
        Ask(Op.Put, FrameHeader.NumberedFlag, to =>
        {
            to.Int64(put.Waits ? ProtocolLimits.Forever : 0);
            to.Int64(put.Number);
            to.Int64(_openPuts[0].Number);
            to.Int64(age);
            EveryFrame.Items(to, withTokens: false, [.. put.Ids.Select(ContentOf)]);
        }, answer =>
        {
            _openPuts.Remove(put);
            var accepted = (int)new BodyReader(answer.Body).Int64();
            foreach (var (id, place) in put.Ids.Select((id, place) => (id, place)))
            {
                if (place < accepted)
                {
                    _ledger.CheckKept(id, put.OnDisk());
                    _ledger.PutConfirmed(id);
                }
                else
                {
                    _ledger.PutRefused(id);
                }
            }
        });
    }

    public bool HasOpenPuts => _openPuts.Count > 0;

    public bool HasOpenAcks => _openAcks.Count > 0;

    public void Get(bool lease, int max, bool waits) =>
        Ask(Op.Get, lease ? FrameHeader.LeaseFlag : (byte)0, to => EveryFrame.Wait(to, waits ? ProtocolLimits.Forever : 0, max), answer =>
        {
            if (answer.Op == Op.Items)
            {
                _held.AddRange(ItemsOf(answer).Select(item => (item.Token, item.Id)));
            }
        });

    public void Subscribe(bool lease, int window)
    {
        if (_subscriptions.Count > 0)
        {
            return;
        }

        var request = Ask(Op.Subscribe, lease ? FrameHeader.LeaseFlag : (byte)0, to => EveryFrame.Subscription(to, window, 1000), _ => { });
        if (request != 0)
        {
            _subscriptions[request] = (lease, 0, new());
        }
    }

    public void Advance(Random random)
    {
        foreach (var (request, subscription) in _subscriptions)
        {
            var confirmed = random.Next(subscription.Ahead.Count + 1);
            for (var i = 0; i < confirmed; i++)
            {
                var (token, id) = subscription.Ahead.Dequeue();
                if (subscription.Lease)
                {
                    _held.Add((token, id));
                }
                else
                {
                    _ledger.MayGo(id);
                }
            }

            var next = subscription.Confirmed + (ulong)confirmed;
            _subscriptions[request] = subscription with { Confirmed = next };
            _session.Send(WireFrame.Make(Op.Advance, 1, request, write: to => EveryFrame.Advance(to, next, random.Next(1, 8))));
        }
    }

    /// <summary>A verdict on one or two of the items that it holds.</summary>
    public bool Settle(Op verdict, Random random, Func<StoredQueue> onDisk)
    {
        var chosen = _held.Where(_ => random.Next(2) == 0).Take(2).ToArray();
        if (chosen.Length == 0)
        {
            return false;
        }

        foreach (var one in chosen)
        {
            _held.Remove(one);
            if (verdict is Op.Ack or Op.DeadLetter)
            {
                _ledger.MayGo(one.Id);
            }
            else if (verdict == Op.Nack)
            {
                _ledger.MayFail(one.Id);
            }
        }

        if (verdict == Op.Ack && chosen.Length == 1)
        {
            _openAcks.Add(chosen[0].Id);
        }

        var pardons = _ledger.Pardons;
        ulong[] tokens = [.. chosen.Select(one => one.Token)];
        Ask(verdict, 0, to =>
        {
            if (verdict == Op.Nack)
            {
                to.Int64(random.Next(2) * 1_000_000);
                to.Text(string.Empty);
            }
            else if (verdict == Op.DeadLetter)
            {
                to.Text("no good");
            }

            EveryFrame.Tokens(to, tokens);
        }, answer =>
        {
            _openAcks.Remove(chosen[0].Id);
            SettledAs(verdict, answer.Op, chosen.Select(one => one.Id), pardons, onDisk);
        });
        return true;
    }

    public void Administer(Op op)
    {
        if (op is Op.Clear or Op.DeleteDead)
        {
            _ledger.AllMayGo();
        }
        else
        {
            _ledger.AllForgiven();
        }

        Ask(op, 0, op == Op.Clear ? null : to => to.Bool(false), _ => { });
    }

    public void Peek(int max) => Ask(Op.Peek, 0, to => to.Int32(max), _ => { });

    public void Join(bool waits) => Ask(Op.Join, 0, to => to.Int64(waits ? ProtocolLimits.Forever : 0), _ => { });

    public void Complete(bool discard, Func<StoredQueue> onDisk)
    {
        if (discard)
        {
            _ledger.AllMayGo();
        }

        Ask(Op.Complete, 0, to => to.Bool(discard), _ =>
        {
            Assert.True(onDisk().IsClosed, "Complete has returned, and the disk does not know");
            Assert.True(!discard || onDisk().IsDiscarding, "Complete with discard has returned, and the disk does not know");
        });
    }

    /// <summary>The process is gone: what it had leased in hand has failed, also what it had not heard of yet.</summary>
    public void Kill()
    {
        _ledger.AllMayFail();
        _session.Disconnect();
    }

    /// <summary>The broker is gone: nothing is heard any more.</summary>
    public void Abandon() => _asked.Clear();

    public void Listen(Action<long> sees)
    {
        foreach (var frame in _session.Take())
        {
            Assert.NotEqual(Op.Error, frame.Op);
            _transcript?.Add($"     {frame.Op} #{frame.Request} {frame.BodyHex}");
            if (frame.Op == Op.Items)
            {
                Deliver(frame, sees);
            }

            if (frame.Op == Op.Items && _subscriptions.ContainsKey(frame.Request))
            {
                continue;
            }

            _subscriptions.Remove(frame.Request);
            Assert.True(_asked.Remove(frame.Request, out var answered), $"#{frame.Request} was answered twice, or never asked");
            answered(frame);
        }
    }

    /// <summary>All that is ready, in its order.</summary>
    public List<long> TakeAll(Action bring)
    {
        var got = new List<long>();
        Listen(_ => { });
        Assert.True(_isOpen, "The queue cannot be opened");
        while (true)
        {
            var answers = _session.Ask(Op.Get, 1, ++_lastRequest, write: to => EveryFrame.Wait(to, 0, 100));
            for (; answers.Count == 0; answers = _session.Take())
            {
                bring();
            }

            if (answers is not [{ Op: Op.Items } items])
            {
                return got;
            }

            var taken = ItemsOf(items);
            got.AddRange(taken.Select(item => item.Id));
            _session.Send(WireFrame.Make(Op.Ack, 1, 0, write: to => EveryFrame.Tokens(to, [.. taken.Select(item => item.Token)])));
        }
    }

    /// <summary>Its ack was not answered before the end of the connection.</summary>
    private void AskWhetherItIsGone(long id) => Ask(Op.IsGone, 0, to => to.Int64(_sequences[id]), answer =>
    {
        _openAcks.Remove(id);
        if (answer.Op == Op.Done)
        {
            _ledger.Gone(id);
        }
    });

    private void SettledAs(Op verdict, Op answer, IEnumerable<long> ids, int pardons, Func<StoredQueue> onDisk)
    {
        if (answer != Op.Done)
        {
            return;
        }

        var stored = onDisk();
        foreach (var id in ids)
        {
            switch (verdict)
            {
                case Op.Ack:
                    Assert.False(DurableLedger.Ids(stored).Contains(id), $"The ack of item {id} has returned, and it is still on the disk");
                    _ledger.Gone(id);
                    break;
                case Op.Nack when pardons == _ledger.Pardons:
                    _ledger.Failed(id);
                    break;
            }
        }
    }

    private void Deliver(WireFrame frame, Action<long> sees)
    {
        var isSubscription = _subscriptions.TryGetValue(frame.Request, out var subscription);
        foreach (var (token, id, failures) in ItemsOf(frame))
        {
            sees(id);
            _ledger.Delivered(id, token == 0 ? null : failures);
            if (isSubscription)
            {
                subscription.Ahead.Enqueue((token, id));
            }
        }
    }

    private List<(ulong Token, long Id, int Failures)> ItemsOf(WireFrame frame)
    {
        var body = new BodyReader(frame.Body);
        var items = new List<(ulong, long, int)>();
        for (var count = body.Int32(); count > 0; count--)
        {
            var (token, failures) = (frame.Flags & FrameHeader.LeaseFlag) != 0 ? (body.UInt64(), body.Int32()) : (0ul, 0);
            var sequence = token != 0 ? body.Int64() : 0;
            var length = body.Int32();
            items.Add((token, IdOf(body.Rest), failures));
            if (sequence > 0)
            {
                _sequences[IdOf(body.Rest)] = sequence;
            }

            body.Take(Item.BytesOf(length));
        }

        return items;
    }

    private sealed record OpenPut(long[] Ids, long Number, bool Waits, Func<StoredQueue> OnDisk);

    private ulong Ask(Op op, byte flags, Action<OutBuffer>? write, Action<WireFrame> answered)
    {
        if (!_isOpen)
        {
            return 0;
        }

        var request = ++_lastRequest;
        _asked[request] = answered;
        _session.Send(WireFrame.Make(op, 1, request, flags, write));
        return request;
    }
}
