using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

/// <summary>What docs/protocol.md says about requests together: numbers, order, holding and the end of connections.</summary>
public sealed class BrokerRulesTests : IDisposable
{
    private const ulong Request = 100;
    private const ulong FirstToken = 0x1_0000_0000;

    private readonly SessionBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Requests_SentBehindTheGreeting_NeedNotWaitForWelcome()
    {
        var client = _broker.Connect();

        client.Send([
            .. WireFrame.Make(Op.Hello, 0, 1, write: EveryFrame.Hello).ToBytes(),
            .. WireFrame.Make(Op.Open, 0, 2, write: to => EveryFrame.OpenAs(to, "jobs", null)).ToBytes(),
            .. WireFrame.Make(Op.Info, 1, 3).ToBytes(),
        ]);

        Assert.Equal([(Op.Welcome, 1ul), (Op.Opened, 2ul), (Op.QueueInfos, 3ul)], Answers(client.Take()));
    }

    [Fact]
    public void Requests_BehindOneThatWaits_AreAnsweredBeforeIt()
    {
        var client = _broker.ConnectAndOpen();

        var first = client.Ask(Op.Get, 1, 50, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));
        var second = client.Ask(Op.Info, 1, 51);
        var third = client.Ask(Op.Put, 1, 52, write: to => EveryFrame.PutItems(to, [1]));

        Assert.Empty(first);
        Assert.Equal([(Op.QueueInfos, 51ul)], Answers(second));
        Assert.Equal([(Op.Items, 50ul), (Op.Done, 52ul)], Answers(third));
    }

    [Theory]
    [InlineData((byte)Op.Ack, 1, "00000000")]
    [InlineData((byte)Op.Nack, 1, "0000000000000000" + "00000000")]
    [InlineData((byte)Op.Release, 1, "00000000")]
    [InlineData((byte)Op.Extend, 1, "0000000000000000" + "00000000")]
    [InlineData((byte)Op.DeadLetter, 1, "0000" + "00000000")]
    [InlineData((byte)Op.Clear, 1, "")]
    [InlineData((byte)Op.Complete, 1, "00")]
    [InlineData((byte)Op.Redrive, 1, "")]
    [InlineData((byte)Op.DeleteDead, 1, "")]
    [InlineData((byte)Op.Delete, 0, "0400" + "6A6F6273")]
    [InlineData((byte)Op.Close, 1, "")]
    public void Request_NumberedZero_IsDoneAndNotAnswered(byte op, uint queue, string bodyHex)
    {
        Assert.Equal(Op.Done, Assert.Single(_broker.ConnectAndOpen().Ask(new WireFrame((Op)op, 0, queue, Request, bodyHex))).Op);

        Assert.Empty(_broker.ConnectAndOpen().Ask(new WireFrame((Op)op, 0, queue, 0, bodyHex)));
    }

    [Fact]
    public void Request_NumberedZeroAndRefused_IsToldEvenSo()
    {
        var answer = _broker.ConnectAndOpen().AskOne(Op.Delete, 0, 0, write: to => to.Text("none"));

        Assert.Equal(Op.Refused, answer.Op);
    }

    [Fact]
    public void Request_NumberOfOneThatWasAnswered_MayBeUsedAgain()
    {
        var client = _broker.ConnectAndOpen();
        client.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));
        client.Ask(Op.Cancel, 1, Request);

        Assert.Empty(client.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1)));
        Assert.False(client.IsDisconnected);
    }

    [Fact]
    public void Requests_SentWhenTheErrorCame_AreNotHeardAndNotAnswered()
    {
        var (client, other) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        client.OnError = () => client.Send(WireFrame.Make(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [1])));

        var answers = client.Ask((Op)99, 1, 50);

        Assert.Equal([(Op.Error, 0ul)], Answers(answers));
        Assert.Empty(GetAll(other));
    }

    [Fact]
    public void Requests_AnsweredBySomebodyElseWhenTheErrorCame_AreNotAnsweredBehindIt()
    {
        var (client, other) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        client.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));
        client.OnError = () => Put(other, [1]);

        Assert.Equal([(Op.Error, 0ul)], Answers(client.Ask((Op)99, 1, 50)));

        Assert.Equal([[1]], GetAll(other).Select(item => item.Bytes.ToArray()));
    }

    [Fact]
    public void Open_SameQueueTwice_TwoNumbersThatHoldIndependently()
    {
        var client = _broker.ConnectAndOpen();
        Assert.Equal(2u, client.AskOne(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, "jobs", null)).Queue);
        Put(client, [1]);
        client.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, 1));

        var byOther = client.AskOne(Op.Ack, 2, Request, write: to => EveryFrame.Tokens(to, FirstToken));
        var byHolder = client.AskOne(Op.Ack, 1, Request, write: to => EveryFrame.Tokens(to, FirstToken));

        Assert.Equal((Op.LeaseLost, Op.Done), (byOther.Op, byHolder.Op));
    }

    [Fact]
    public void Close_RequestsThatWaitOnIt_AreDroppedWithoutAnAnswer()
    {
        var client = _broker.ConnectAndOpen();
        client.Ask(Op.Get, 1, 50, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));
        client.Ask(Op.Subscribe, 1, 51, write: to => EveryFrame.Subscription(to, 1, 1));

        Assert.Equal([(Op.Done, Request)], Answers(client.Ask(Op.Close, 1, Request)));
    }

    [Fact]
    public void Put_WaitsWhenItsConnectionEnds_NeverAppears()
    {
        var (one, other) = (_broker.ConnectAndOpen(capacity: 1), _broker.ConnectAndOpen());
        Put(one, [1]);
        one.Ask(Op.Put, 1, 50, write: to =>
        {
            to.Int64(ProtocolLimits.Forever);
            EveryFrame.Items(to, withTokens: false, [2]);
        });

        one.Disconnect();

        Assert.Equal([[1]], GetAll(other).Select(item => item.Bytes.ToArray()));
    }

    [Fact]
    public void Subscribe_ManyItems_ComeInFramesOfTheUsualSize()
    {
        const int ItemBytes = 2000;
        var client = _broker.ConnectAndOpen();
        Put(client, [.. Enumerable.Repeat(new byte[ItemBytes], 200)]);

        var frames = client.Ask(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 200, long.MaxValue));

        Assert.Equal(200, frames.Sum(frame => new BodyReader(frame.Body).Count(1)));
        Assert.All(frames, frame => Assert.InRange(frame.Body.Length, 1, ProtocolLimits.BatchBytes + ItemBytes + 1000));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    public void Subscribe_WindowInBytes_OneItemAlwaysAndMoreWhileThereIsRoom(long windowBytes, int items)
    {
        var client = _broker.ConnectAndOpen();
        Put(client, new byte[10], new byte[10], new byte[10]);

        var frame = client.AskOne(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 100, windowBytes));

        Assert.Equal(items, new BodyReader(frame.Body).Count(1));
    }

    [Fact]
    public void Subscribe_WindowIsShut_NothingComesUntilItIsOpened()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1]);

        Assert.Empty(client.Ask(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 0, 1000)));

        Assert.Equal(Op.Items, client.AskOne(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 0, 1)).Op);
    }

    [Fact]
    public void Subscribe_Cancelled_WhatWasNotConfirmedIsBackInItsPlace()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1], [2], [3]);
        client.Ask(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 3, 1000));
        client.Ask(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 1, 0));
        client.Ask(Op.Cancel, 1, Request);

        Assert.Equal([[2], [3]], GetAll(client).Select(item => item.Bytes.ToArray()));
    }

    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(1, false, 1)]
    [InlineData(1, true, 0)]
    public void Subscribe_LeasesHeldWhenTheConnectionEnds_OnlyThoseInHandHaveFailed(ulong confirmed, bool saysBye, int failures)
    {
        var (one, other) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        Put(one, [1]);
        one.Ask(Op.Subscribe, 1, Request, FrameHeader.LeaseFlag, to => EveryFrame.Subscription(to, 1, 1000));
        one.Ask(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, confirmed, 0));
        if (saysBye)
        {
            one.Ask(Op.Bye, 0, 0);
        }

        one.Disconnect();

        Assert.Equal([failures], GetAll(other).Select(item => item.Failures));
    }

    [Fact]
    public void Get_TakenAndTheConnectionEndsBeforeTheReceipt_IsNobodysFailure()
    {
        var (one, other) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        Put(one, [1], [2]);
        one.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, 1));

        one.Disconnect();

        Assert.Equal([(1, 0), (2, 0)], GetAll(other).Select(item => ((int)item.Bytes.Span[0], item.Failures)));
    }

    private static void Put(SessionClient client, params byte[]?[] items) =>
        Assert.Equal(Op.Done, client.AskOne(Op.Put, 1, 90, write: to => EveryFrame.PutItems(to, items)).Op);

    private static List<Client.DeliveredItem> GetAll(SessionClient client)
    {
        var answer = client.AskOne(Op.Get, 1, 91, write: to => EveryFrame.Wait(to, 0, 1000));
        if (answer.Op == Op.Empty)
        {
            return [];
        }

        var body = answer.Body;
        var all = new List<Client.DeliveredItem>();
        for (var items = new Client.DeliveredItems(body, body.Length, withTokens: true, version: 1); items.Remaining > 0;)
        {
            all.Add(items.Next());
        }

        return all;
    }

    private static IEnumerable<(Op, ulong)> Answers(IEnumerable<WireFrame> frames) => frames.Select(frame => (frame.Op, frame.Request));
}
