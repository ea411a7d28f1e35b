using CsCheck;
using QueueIpc.Protocol;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Tests.Protocol;

/// <summary>Clients that say anything the protocol allows, in any order: every request is answered exactly once, and as the document says.</summary>
public sealed class ConversationTests
{
    private const int Clients = 3;

    [Fact]
    public void Requests_OfTheDocument_AreThoseOfTheCode()
    {
        Assert.Equal(Enum.GetValues<Op>().Where(op => op < Op.Welcome), DocumentedAnswers.ByRequest.Keys.Order());
    }

    [Fact]
    public void Requests_AnyInAnyOrder_EachIsAnsweredOnceAndAsDocumented()
    {
        var genStep = Gen.Select(Gen.Int[0, Clients - 1], Gen.Int[0, 99], Gen.Int[0, 3], Gen.Bool);

        Gen.Select(Gen.Int[0, 3], genStep.Array[1, 80]).Sample(
            (capacity, steps) =>
            {
                using var broker = new SessionBroker();
                var talkers = Enumerable.Range(0, Clients).Select(_ => new Talker(broker, capacity)).ToArray();
                foreach (var (who, what, number, flag) in steps)
                {
                    talkers[who].Say(what, number, flag);
                    Array.ForEach(talkers, talker => talker.Listen());
                }

                foreach (var talker in talkers)
                {
                    talker.CancelAll();
                    Array.ForEach(talkers, other => other.Listen());
                }

                Assert.All(talkers, talker => Assert.Empty(talker.Unanswered));
            },
            iter: 3_000);
    }

    /// <summary>A client that keeps the rules.</summary>
    private sealed class Talker(SessionBroker broker, int capacity)
    {
        private readonly List<ulong> _tokens = [];
        private readonly Dictionary<ulong, Reading> _readings = [];
        private SessionClient _client = broker.ConnectAndOpen(capacity: capacity);
        private ulong _lastRequest = 1000;
        private bool _hasListened;

        public Dictionary<ulong, Op> Unanswered { get; } = [];

        public void Say(int what, int number, bool flag)
        {
            var wait = flag ? ProtocolLimits.Forever : 0;
            switch (what)
            {
                case < 20:
                    Ask(Op.Put, to =>
                    {
                        to.Int64(wait);
                        EveryFrame.Items(to, withTokens: false, [.. Enumerable.Repeat(new byte[] { 1, 2 }, number)]);
                    });
                    break;
                case < 35:
                    Ask(Op.Get, to => EveryFrame.Wait(to, wait, number + 1), lease: number % 2 == 0);
                    break;
                case < 40:
                    Ask(Op.Join, to => to.Int64(wait));
                    break;
                case < 45:
                    _readings.Add(_lastRequest + 1, new Reading { IsLease = flag });
                    Ask(Op.Subscribe, to => EveryFrame.Subscription(to, number, 1000), lease: flag);
                    break;
                case < 55:
                    Advance(number);
                    break;
                case < 58:
                    RejectNext();
                    break;
                case < 63:
                    Cancel(number);
                    break;
                case < 83:
                    Settle(new[] { Op.Ack, Op.Nack, Op.Release, Op.Extend, Op.DeadLetter }[what % 5], number, wantsAnswer: flag);
                    break;
                case < 95:
                    Administer(new[] { Op.Info, Op.Peek, Op.Clear, Op.Redrive, Op.DeleteDead, Op.GetDead }[what % 6]);
                    break;
                case 95:
                    Ask(Op.Complete, to => to.Bool(flag));
                    break;
                default:
                    Reconnect(saysBye: flag);
                    break;
            }
        }

        public void Listen()
        {
            foreach (var answer in _client.Take())
            {
                Assert.True(Unanswered.TryGetValue(answer.Request, out var asked), $"Nobody has asked for {answer}");
                Assert.Contains(answer.Op, DocumentedAnswers.ByRequest[asked]);
                if (answer.Op == Op.Items)
                {
                    Keep(answer, asked);
                }

                if (asked != Op.Subscribe || answer.Op != Op.Items)
                {
                    Unanswered.Remove(answer.Request);
                    _readings.Remove(answer.Request);
                }
            }

            Assert.False(_client.IsDisconnected);
            _hasListened = true;
        }

        public void CancelAll()
        {
            Assert.True(_hasListened);
            foreach (var request in Unanswered.Keys)
            {
                _client.Send(WireFrame.Make(Op.Cancel, 1, request));
            }
        }

        private void Ask(Op op, Action<OutBuffer>? write = null, bool lease = false)
        {
            Unanswered.Add(++_lastRequest, op);
            _client.Send(WireFrame.Make(op, 1, _lastRequest, lease ? FrameHeader.LeaseFlag : (byte)0, write));
        }

        private void Keep(WireFrame answer, Op asked)
        {
            var hasTokens = answer.Flags == FrameHeader.LeaseFlag;
            Assert.Equal(asked == Op.Get || (asked == Op.Subscribe && _readings[answer.Request].IsLease), hasTokens);
            for (var items = new Client.DeliveredItems(answer.Body, answer.Body.Length, hasTokens, version: 1); items.Remaining > 0;)
            {
                var item = items.Next();
                if (hasTokens)
                {
                    _tokens.Add(item.Token);
                }

                if (asked == Op.Subscribe)
                {
                    _readings[answer.Request].Sent++;
                }
            }
        }

        private void Advance(int number)
        {
            if (_readings.Count > 0)
            {
                var (request, reading) = _readings.ElementAt(number % _readings.Count);
                reading.Confirmed += (reading.Sent - reading.Confirmed) / 2;
                _client.Send(WireFrame.Make(Op.Advance, 1, request, write: to => EveryFrame.Advance(to, reading.Confirmed, number)));
            }
        }

        private void RejectNext()
        {
            foreach (var (request, reading) in _readings.Where(reading => !reading.Value.IsLease && reading.Value.Sent > reading.Value.Confirmed).Take(1))
            {
                reading.Confirmed++;
                _client.Send(WireFrame.Make(Op.RejectNext, 1, request, write: to => to.Text("no")));
            }
        }

        private void Cancel(int number)
        {
            if (Unanswered.Count > 0)
            {
                _client.Send(WireFrame.Make(Op.Cancel, 1, Unanswered.Keys.ElementAt(number % Unanswered.Count)));
            }
        }

        private void Settle(Op verdict, int number, bool wantsAnswer)
        {
            var token = _tokens.Count > number ? _tokens[^(number + 1)] : 12345;
            void Write(OutBuffer to)
            {
                switch (verdict)
                {
                    case Op.Nack:
                        to.Int64(0);
                        break;
                    case Op.Extend:
                        to.Int64(60_000_000);
                        break;
                    case Op.DeadLetter:
                        to.Text("no");
                        break;
                }

                EveryFrame.Tokens(to, token);
            }

            if (wantsAnswer)
            {
                Ask(verdict, Write);
            }
            else
            {
                _client.Send(WireFrame.Make(verdict, 1, 0, write: Write));
            }
        }

        private void Administer(Op op) => Ask(op, op is Op.GetDead or Op.Peek ? to => to.Int32(5) : null);

        private void Reconnect(bool saysBye)
        {
            if (saysBye)
            {
                _client.Send(WireFrame.Make(Op.Bye, 0, 0));
            }

            _client.Disconnect();
            Unanswered.Clear();
            _readings.Clear();
            _client = broker.ConnectAndOpen(capacity: capacity);
        }

        private sealed class Reading
        {
            public bool IsLease { get; init; }

            public ulong Sent { get; set; }

            public ulong Confirmed { get; set; }
        }
    }
}
