using System.Buffers.Binary;
using CsCheck;
using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Protocol;

/// <summary>Every request and the answers that docs/protocol.md promises for it.</summary>
public sealed class BrokerSessionTests : IDisposable
{
    private const ulong Request = 100;
    private const ulong FirstToken = 0x1_0000_0000;

    private readonly SessionBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Hello_First_IsAnsweredWithTheLimits()
    {
        var answer = _broker.Connect().AskOne(Op.Hello, 0, Request, write: EveryFrame.Hello);

        var body = new BodyReader(answer.Body);
        Assert.Equal(Op.Welcome, answer.Op);
        Assert.Equal(1, body.UInt16());
        Assert.Equal(16 * 1024 * 1024, body.Int32());
        Assert.Equal((16 * 1024 * 1024) + ProtocolLimits.FrameOverheadBytesMax, body.Int32());
        Assert.Equal(Environment.ProcessId, body.Int32());
        Assert.Equal(16, body.Rest.Length);
    }

    [Fact]
    public void Hello_TwoConnectionsOfOneBroker_SeeTheSameInstance()
    {
        var one = _broker.Connect().AskOne(Op.Hello, 0, Request, write: EveryFrame.Hello);
        var other = _broker.Connect().AskOne(Op.Hello, 0, Request, write: EveryFrame.Hello);

        Assert.Equal(one, other);
    }

    [Fact]
    public void Open_TwoQueues_AreNumberedFromOne()
    {
        var client = _broker.ConnectAndOpen("one");

        var answer = client.AskOne(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, "two", 7));

        var body = new BodyReader(answer.Body);
        Assert.Equal((Op.Opened, 2u), (answer.Op, answer.Queue));
        Assert.Equal(("two", 7, 0, 30_000_000, 5), (body.Text(), body.Int32(), body.Int64(), body.Int64(), body.Int32()));
        body.End();
    }

    [Fact]
    public void Open_WithoutAName_MakesAQueueThatEndsWithTheConnection()
    {
        var (owner, other) = (_broker.ConnectAndOpen(string.Empty), _broker.ConnectAndOpen("other"));
        Assert.Equal(2, CountOf(other.AskOne(Op.List, 0, Request)));

        owner.Disconnect();

        Assert.Equal(1, CountOf(other.AskOne(Op.List, 0, Request)));
    }

    [Theory]
    [InlineData(0, Op.Done, 2)]
    [InlineData(1, Op.Full, 1)]
    public void Put_TwoItemsWithoutWaiting_DoneOrFullAndHowManyWereAccepted(int capacity, object answer, long accepted)
    {
        var client = _broker.ConnectAndOpen(capacity: capacity);

        AssertOutcome((Op)answer, accepted, client.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [1], null)));
    }

    [Fact]
    public void Put_ItemThatCanNeverFit_NeverFits()
    {
        var client = _broker.ConnectAndOpen(capacity: 0, maxBytes: 3);

        AssertOutcome(Op.NeverFits, 0, client.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [1], [1, 2, 3, 4])));
        AssertOutcome(Op.Done, 1, client.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [1, 2, 3])));
    }

    [Fact]
    public void Put_Nothing_IsDoneWhenThereIsRoom()
    {
        var client = _broker.ConnectAndOpen(capacity: 1);
        AssertOutcome(Op.Done, 0, client.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to)));
        Put(client, [1]);

        Assert.Empty(client.Ask(Op.Put, 1, Request, write: to => PutForEver(to)));
        var freed = client.Ask(Op.Clear, 1, Request + 1);

        Assert.Equal([Op.Done, Op.Done], freed.Select(frame => frame.Op));
        AssertOutcome(Op.Done, 0, freed.Single(frame => frame.Request == Request));
    }

    [Fact]
    public void Get_ItemsAreThere_OneFrameWithTokensAndFailures()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1, 2, 3], null, []);

        var answer = client.AskOne(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, 10));

        Assert.Equal((Op.Items, FrameHeader.LeaseFlag), (answer.Op, answer.Flags));
        var body = new BodyReader(answer.Body);
        Assert.Equal(3, body.Count(16));
        Assert.Equal((FirstToken, 0, "010203", false), ReadItem(ref body));
        Assert.Equal((FirstToken + 1, 0, "", true), ReadItem(ref body));
        Assert.Equal((FirstToken + 2, 0, "", false), ReadItem(ref body));
        body.End();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(FrameHeader.LeaseFlag)]
    public void Get_NothingThereAndNoTime_Empty(byte flags)
    {
        AssertOutcome(Op.Empty, 0, _broker.ConnectAndOpen().AskOne(Op.Get, 1, Request, flags, to => EveryFrame.Wait(to, 0, 1)));
    }

    [Fact]
    public void Cancel_WaitingRequests_EachIsAnsweredOnce()
    {
        var client = _broker.ConnectAndOpen(capacity: 1);
        Put(client, [1]);
        Get(client);
        (Op Op, ulong Request, Action<OutBuffer> Write)[] waiting =
        [
            (Op.Get, 50, to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1)),
            (Op.Join, 51, to => to.Int64(ProtocolLimits.Forever)),
            (Op.Subscribe, 52, to => EveryFrame.Subscription(to, 1, 1)),
        ];
        foreach (var (op, request, write) in waiting)
        {
            Assert.Empty(client.Ask(op, 1, request, write: write));
            AssertOutcome(Op.Cancelled, 0, client.AskOne(Op.Cancel, 1, request));
            Assert.Empty(client.Ask(Op.Cancel, 1, request));
        }
    }

    [Fact]
    public void Cancel_PutOfWhichPartWasAccepted_SaysHowMany()
    {
        var client = _broker.ConnectAndOpen(capacity: 1);

        Assert.Empty(client.Ask(Op.Put, 1, Request, write: to => PutForEver(to, [1], [2])));

        AssertOutcome(Op.Cancelled, 1, client.AskOne(Op.Cancel, 1, Request));
    }

    [Fact]
    public void Subscribe_ItemsAreThere_ComesWithoutTokensUpToTheWindow()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1], [2], [3]);

        var first = client.AskOne(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 2, 1000));
        var second = client.AskOne(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 1, 2));

        Assert.Equal((Op.Items, (byte)0, "02000000" + "01000000" + "01" + "01000000" + "02"), (first.Op, first.Flags, first.BodyHex));
        Assert.Equal((Op.Items, (byte)0, "01000000" + "01000000" + "03"), (second.Op, second.Flags, second.BodyHex));
    }

    [Fact]
    public void Advance_MoreThanWasSent_EndsTheConnection()
    {
        var client = _broker.ConnectAndOpen();
        client.Ask(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 2, 1000));

        AssertError(ErrorCode.BadFrame, client, client.Ask(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 1, 2)));
    }

    [Fact]
    public void Advance_SubscriptionThatHasEnded_IsIgnored()
    {
        var client = _broker.ConnectAndOpen();

        Assert.Empty(client.Ask(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 5, 2)));
        Assert.False(client.IsDisconnected);
    }

    [Fact]
    public void RejectNext_FirstUnconfirmedItem_IsDeadAndCountsAsConfirmed()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1], [2]);
        client.Ask(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 2, 1000));

        Assert.Empty(client.Ask(Op.RejectNext, 1, Request, write: to => to.Text("no item of mine")));
        Assert.Empty(client.Ask(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 2, 2)));

        var dead = new BodyReader(client.AskOne(Op.GetDead, 1, Request + 1, write: to => to.Int32(10)).Body);
        Assert.Equal((1, 1L, 0), (dead.Count(1), dead.Int64(), dead.Int32()));
        Assert.True(dead.Int64() >= 0);
        Assert.Equal(("no item of mine", "01"), (dead.Text(), Convert.ToHexString(dead.Item(out _))));
    }

    public static TheoryData<byte, string> Verdicts => new()
    {
        { (byte)Op.Ack, "" },
        { (byte)Op.Nack, "0000000000000000" },
        { (byte)Op.Release, "" },
        { (byte)Op.Extend, "40420F0000000000" },
        { (byte)Op.DeadLetter, "0200" + "6E6F" },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void Verdict_OnTokensThatAreAndAreNotHeld_DoneOrLeaseLostAndHowMany(byte op, string prefixHex)
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1], [2]);
        client.Ask(Op.Get, 1, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 2));

        var held = client.AskOne((Op)op, 1, Request, write: to => Verdict(to, prefixHex, FirstToken));
        var half = client.AskOne((Op)op, 1, Request, write: to => Verdict(to, prefixHex, FirstToken + 1, 77));
        var none = client.AskOne((Op)op, 1, Request, write: to => Verdict(to, prefixHex, 78));
        var nobodyAsked = client.Ask((Op)op, 1, 0, write: to => Verdict(to, prefixHex, 79));

        AssertOutcome(Op.Done, 1, held);
        AssertOutcome(Op.LeaseLost, 1, half);
        AssertOutcome(Op.LeaseLost, 0, none);
        Assert.Empty(nobodyAsked);
    }

    [Fact]
    public void Verdict_OnAnotherConnectionsToken_LeaseLost()
    {
        var (holder, thief) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        Put(holder, [1]);
        Get(holder);

        AssertOutcome(Op.LeaseLost, 0, thief.AskOne(Op.Ack, 1, Request, write: to => EveryFrame.Tokens(to, FirstToken)));
        AssertOutcome(Op.Done, 1, holder.AskOne(Op.Ack, 1, Request, write: to => EveryFrame.Tokens(to, FirstToken)));
    }

    [Fact]
    public void Join_NothingUnfinishedOrNoTime_DoneOrTimedOut()
    {
        var client = _broker.ConnectAndOpen();
        AssertOutcome(Op.Done, 0, client.AskOne(Op.Join, 1, Request, write: to => to.Int64(0)));
        Put(client, [1]);

        AssertOutcome(Op.TimedOut, 0, client.AskOne(Op.Join, 1, Request, write: to => to.Int64(0)));
    }

    [Fact]
    public void Peek_NothingOrSomethingThere_EmptyOrTheItemWithoutAToken()
    {
        var client = _broker.ConnectAndOpen();
        AssertOutcome(Op.Empty, 0, client.AskOne(Op.Peek, 1, Request, write: to => to.Int32(1)));
        Put(client, [7]);

        var seen = client.AskOne(Op.Peek, 1, Request, write: to => to.Int32(1));

        Assert.Equal((Op.Items, (byte)0, "01000000" + "01000000" + "07"), (seen.Op, seen.Flags, seen.BodyHex));
    }

    [Fact]
    public void Peek_SomeCameBack_ShowsTheFirstInTheirOrder()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1], [2], [3], [4]);
        client.Ask(Op.Get, 1, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 2));
        client.Ask(Op.Release, 1, Request, write: to => EveryFrame.Tokens(to, FirstToken + 1, FirstToken));

        var seen = client.AskOne(Op.Peek, 1, Request, write: to => to.Int32(3));

        Assert.Equal("03000000" + "0100000001" + "0100000002" + "0100000003", seen.BodyHex);
    }

    [Fact]
    public void Peek_OfNoItems_IsRefused()
    {
        var client = _broker.ConnectAndOpen();

        var refused = client.AskOne(Op.Peek, 1, Request, write: to => to.Int32(0));

        Assert.Equal((Op.Refused, ErrorCode.BadValue), (refused.Op, (ErrorCode)new BodyReader(refused.Body).UInt16()));
    }

    [Fact]
    public void Administration_OfDeadAndReadyItems_DoneAndHowMany()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1], [2]);
        client.Ask(Op.Get, 1, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 2));
        client.Ask(Op.DeadLetter, 1, Request, write: to => EveryFrame.Dead(to, "no", FirstToken, FirstToken + 1));

        AssertOutcome(Op.Done, 2, client.AskOne(Op.Redrive, 1, Request));
        AssertOutcome(Op.Done, 2, client.AskOne(Op.Clear, 1, Request));
        AssertOutcome(Op.Done, 0, client.AskOne(Op.DeleteDead, 1, Request));
    }

    [Fact]
    public void Complete_Requests_CompletedOnceNothingIsLeft()
    {
        var client = _broker.ConnectAndOpen();
        Put(client, [1]);

        AssertOutcome(Op.Done, 0, client.AskOne(Op.Complete, 1, Request, write: to => to.Bool(false)));
        AssertOutcome(Op.Completed, 0, client.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [2])));
        Assert.Equal(Op.Items, Get(client).Op);
        Assert.Empty(client.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1)));
        AssertOutcome(Op.Completed, 0, Assert.Single(client.Ask(Op.Ack, 1, 0, write: to => EveryFrame.Tokens(to, FirstToken))));
        AssertOutcome(Op.Completed, 0, client.AskOne(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, 1)));
        AssertOutcome(Op.Completed, 0, client.AskOne(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 1, 1)));
    }

    [Fact]
    public void Delete_QueueOnWhichRequestsWait_EachIsToldAndSoAreLaterOnes()
    {
        var (waiting, deleting) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        Put(waiting, [1]);
        Get(waiting);
        waiting.Ask(Op.Get, 1, 50, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));
        waiting.Ask(Op.Join, 1, 51, write: to => to.Int64(ProtocolLimits.Forever));
        waiting.Ask(Op.Subscribe, 1, 52, write: to => EveryFrame.Subscription(to, 1, 1));

        AssertOutcome(Op.Done, 0, deleting.AskOne(Op.Delete, 0, Request, write: to => to.Text("jobs")));

        Assert.Equal([(Op.Deleted, 50ul), (Op.Deleted, 51ul), (Op.Deleted, 52ul)], waiting.Take().Select(frame => (frame.Op, frame.Request)).Order());
        AssertOutcome(Op.Deleted, 0, waiting.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [1])));
        AssertOutcome(Op.Deleted, 0, waiting.AskOne(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, 1)));
        AssertOutcome(Op.Deleted, 0, waiting.AskOne(Op.Join, 1, Request, write: to => to.Int64(0)));
        AssertOutcome(Op.Deleted, 0, waiting.AskOne(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 1, 1)));
        AssertOutcome(Op.LeaseLost, 0, waiting.AskOne(Op.Ack, 1, Request, write: to => EveryFrame.Tokens(to, FirstToken)));
        AssertOutcome(Op.Empty, 0, waiting.AskOne(Op.Peek, 1, Request, write: to => to.Int32(1)));
    }

    [Fact]
    public void Close_QueueWithItemsHeld_GivesThemBackWithoutAFailureAndForgetsItsNumber()
    {
        var (one, other) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        Put(one, [1]);
        one.Ask(Op.Get, 1, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 1));
        other.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));

        AssertOutcome(Op.Done, 0, one.AskOne(Op.Close, 1, Request));

        var body = new BodyReader(Assert.Single(other.Take()).Body);
        Assert.Equal((1, 0), (body.Count(16), ReadItem(ref body).Failures));
        AssertError(ErrorCode.UnknownQueue, one, one.Ask(Op.Info, 1, Request));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public void End_LeaseHeldAndNoFarewellOrOne_CountsAsAFailureOrNot(bool saysBye, int failures)
    {
        var (one, other) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());
        Put(one, [1]);
        one.Ask(Op.Get, 1, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 1));
        if (saysBye)
        {
            Assert.Empty(one.Ask(Op.Bye, 0, 0));
        }

        one.Disconnect();

        var body = new BodyReader(Get(other).Body);
        Assert.Equal((1, failures), (body.Count(16), ReadItem(ref body).Failures));
    }

    public static TheoryData<ushort, byte, uint, string> Refusals => new()
    {
        { (ushort)ErrorCode.NoSuchQueue, (byte)Op.Delete, 0, "0100" + "78" },
        { (ushort)ErrorCode.BadName, (byte)Op.Open, 0, "0100" + "07" + "00" },
        { (ushort)ErrorCode.OptionsConflict, (byte)Op.Open, 0, "0400" + "6A6F6273" + "01" + "01000000" + "0000000000000000" + "80C3C90100000000" + "05000000" },
        { (ushort)ErrorCode.BadValue, (byte)Op.Open, 0, "0100" + "78" + "01" + "FFFFFFFF" + "0000000000000000" + "80C3C90100000000" + "05000000" },
        { (ushort)ErrorCode.BadValue, (byte)Op.Get, 1, "0000000000000000" + "00000000" },
        { (ushort)ErrorCode.BadValue, (byte)Op.Subscribe, 1, "FFFFFFFF" + "0000000000000000" },
        { (ushort)ErrorCode.BadValue, (byte)Op.GetDead, 1, "00000000" },
        { (ushort)ErrorCode.BadValue, (byte)Op.Nack, 1, "FFFFFFFFFFFFFFFF" + "00000000" },
        { (ushort)ErrorCode.BadValue, (byte)Op.Extend, 1, "FFFFFFFFFFFFFFFF" + "00000000" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Request_ThatCannotBeDone_IsRefusedAndTheConnectionGoesOn(ushort code, byte op, uint queue, string bodyHex)
    {
        var client = _broker.ConnectAndOpen();

        AssertRefused((ErrorCode)code, Assert.Single(client.Ask(new WireFrame((Op)op, 0, queue, Request, bodyHex))));

        Assert.Equal(Op.QueueInfos, client.AskOne(Op.Info, 1, Request).Op);
    }

    [Fact]
    public void Put_ItemBeyondTheBrokersLimit_IsRefused()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxItemBytes = 10 });
        var client = broker.ConnectAndOpen();

        AssertRefused(ErrorCode.ItemTooLarge, client.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, new byte[11])));
        AssertOutcome(Op.Done, 1, client.AskOne(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, new byte[10])));
    }

    [Fact]
    public void Open_OneQueueMoreThanAllowed_IsRefused()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxQueues = 1 });
        var client = broker.ConnectAndOpen();

        AssertRefused(ErrorCode.TooManyQueues, client.AskOne(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, "other", null)));
    }

    [Fact]
    public void Get_OneWaitMoreThanAllowed_IsRefused()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxWaitsPerQueue = 1 });
        var client = broker.ConnectAndOpen();
        client.Ask(Op.Get, 1, 50, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));

        AssertRefused(ErrorCode.TooManyWaits, client.AskOne(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, 1)));
    }

    public static TheoryData<ushort, byte, uint, string> Errors => new()
    {
        { (ushort)ErrorCode.UnknownOp, 99, 0, "" },
        { (ushort)ErrorCode.UnknownOp, 99, 1, "" },
        { (ushort)ErrorCode.UnknownOp, (byte)Op.Put, 0, "" },
        { (ushort)ErrorCode.UnknownOp, (byte)Op.List, 1, "" },
        { (ushort)ErrorCode.UnknownOp, (byte)Op.Done, 1, "" },
        { (ushort)ErrorCode.UnknownQueue, (byte)Op.Info, 2, "" },
        { (ushort)ErrorCode.UnknownQueue, (byte)Op.Info, uint.MaxValue, "" },
        { (ushort)ErrorCode.GreetedTwice, (byte)Op.Hello, 0, "51495043" + "0100" + "00000000" },
        { (ushort)ErrorCode.BadFrame, (byte)Op.Open, 0, "0200" + "C080" + "00" },
        { (ushort)ErrorCode.BadFrame, (byte)Op.Open, 0, "0100" + "78" + "02" },
        { (ushort)ErrorCode.BadFrame, (byte)Op.Put, 1, "0000000000000000" + "FFFFFFFF" },
        { (ushort)ErrorCode.BadFrame, (byte)Op.Put, 1, "0000000000000000" + "01000000" + "FEFFFFFF" },
        { (ushort)ErrorCode.BadFrame, (byte)Op.Ack, 1, "FFFFFFFF" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Frame_ThatBreaksTheProtocol_EndsThatConnectionOnly(ushort code, byte op, uint queue, string bodyHex)
    {
        var (bad, good) = (_broker.ConnectAndOpen(), _broker.ConnectAndOpen());

        var answer = bad.Ask(new WireFrame((Op)op, 0, queue, Request, bodyHex));

        AssertError((ErrorCode)code, bad, answer);
        Assert.Equal(Op.QueueInfos, good.AskOne(Op.Info, 1, Request).Op);
    }

    public static TheoryData<ushort, byte, string> BadGreetings => new()
    {
        { (ushort)ErrorCode.NotGreeted, (byte)Op.List, "" },
        { (ushort)ErrorCode.BadMagic, (byte)Op.Hello, "47455420" + "0100" + "00000000" },
        { (ushort)ErrorCode.BadVersion, (byte)Op.Hello, "51495043" + "0300" + "00000000" },
        { (ushort)ErrorCode.BadFrame, (byte)Op.Hello, "51495043" + "0100" + "000000" },
        { (ushort)ErrorCode.BadFrame, (byte)Op.Hello, "51495043" + "0100" + "00000000" + "00" },
    };

    [Theory]
    [MemberData(nameof(BadGreetings))]
    public void Hello_ThatIsNone_EndsTheConnection(ushort code, byte op, string bodyHex)
    {
        var client = _broker.Connect();

        AssertError((ErrorCode)code, client, client.Ask(new WireFrame((Op)op, 0, 0, Request, bodyHex)));
    }

    [Fact]
    public void Hello_FrameLargerThanAGreeting_EndsTheConnection()
    {
        var client = _broker.Connect();
        var header = WireFrame.Make(Op.Hello, 0, 1, write: to => to.Copy(new byte[ProtocolLimits.HelloBytesMax + 1])).ToBytes()[..FrameHeader.Size];

        client.Send(header);

        AssertError(ErrorCode.FrameTooLarge, client, client.Take());
    }

    [Theory]
    [InlineData(ProtocolLimits.FrameOverheadBytesMax + (16 << 20) + 1u)]
    [InlineData(int.MaxValue)]
    [InlineData(1u << 31)]
    [InlineData(uint.MaxValue)]
    public void Frame_LongerThanTheLimit_EndsTheConnectionBeforeItsBodyCame(uint bodyBytes)
    {
        var client = _broker.ConnectAndOpen();
        var header = WireFrame.Make(Op.Info, 1, Request).ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(header, bodyBytes);

        client.Send(header);

        AssertError(ErrorCode.FrameTooLarge, client, client.Take());
    }

    [Fact]
    public void Frame_ReservedBytesNotZero_EndsTheConnection()
    {
        var client = _broker.ConnectAndOpen();
        var header = WireFrame.Make(Op.Info, 1, Request).ToBytes();
        header[7] = 1;

        client.Send(header);

        AssertError(ErrorCode.BadFrame, client, client.Take());
    }

    [Theory]
    [InlineData((byte)Op.Get)]
    [InlineData((byte)Op.Join)]
    [InlineData((byte)Op.Subscribe)]
    [InlineData((byte)Op.Put)]
    public void Request_NumberOfOneThatStillWaits_EndsTheConnection(byte op)
    {
        var client = _broker.ConnectAndOpen();
        client.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, ProtocolLimits.Forever, 1));

        AssertError(ErrorCode.DuplicateRequest, client, client.Ask(EveryFrame.OfClient.First(frame => frame.Op == (Op)op) with { Request = Request }));
    }

    [Fact]
    public void Case49_EveryRequest_BodyCutOrLengthened_IsABadFrame()
    {
        foreach (var frame in EveryFrame.OfClient)
        {
            var isGreeting = frame.Op == Op.Hello;
            var bodies = Enumerable.Range(0, frame.Body.Length).Select(length => frame.Body[..length]).Append([.. frame.Body, 0]);
            foreach (var body in bodies)
            {
                var client = isGreeting ? _broker.Connect() : _broker.ConnectAndOpen();
                AssertError(ErrorCode.BadFrame, client, client.Ask(frame with { BodyHex = Convert.ToHexString(body) }));
            }
        }
    }

    [Fact]
    public void Case49_Session_ConversationCutAtEveryByte_IsAnsweredAlike()
    {
        byte[] bytes = [.. EveryFrame.OfClient.SelectMany(frame => frame.ToBytes())];
        var expected = Converse(bytes, bytes.Length);
        Assert.True(expected.Count >= 15);

        for (var cut = 0; cut < bytes.Length; cut++)
        {
            Assert.Equal(expected, Converse(bytes, cut));
        }
    }

    [Fact]
    public void Session_AnyFrameAtAll_IsAnsweredOrEndsWithAnErrorAndNothingElse()
    {
        var genOp = Gen.OneOf(Gen.Byte, Gen.OneOf([.. EveryFrame.OfClient.Select(frame => Gen.Const((byte)frame.Op))]));
        var genBody = Gen.OneOf(
            Gen.Byte.Array[0, 30],
            Gen.Byte[0, 3].Array[0, 30],
            Gen.OneOf([.. EveryFrame.OfClient.Select(frame => Gen.Const(frame.Body))]));
        var genFrame = Gen.Select(genOp, Gen.Byte[0, 1], Gen.UInt[0, 2], Gen.ULong[0, 6], genBody,
            (op, flags, queue, request, body) => new WireFrame((Op)op, flags, queue, request, Convert.ToHexString(body)));

        genFrame.Array[1, 20].Sample(
            frames =>
            {
                using var broker = new SessionBroker();
                var client = broker.ConnectAndOpen(capacity: 2);
                foreach (var frame in frames)
                {
                    var answers = client.Ask(frame);
                    Assert.All(answers, answer => Assert.True(Enum.IsDefined(answer.Op) && answer.Op >= Op.Welcome));
                    Assert.Equal(client.IsDisconnected, answers.Any(answer => answer.Op == Op.Error));
                    if (client.IsDisconnected)
                    {
                        break;
                    }
                }
            },
            iter: 2_000);
    }

    private static List<WireFrame> Converse(byte[] bytes, int cut)
    {
        using var broker = new SessionBroker();
        var client = broker.Connect();
        client.Send(bytes.AsSpan(0, cut));
        client.Send(bytes.AsSpan(cut));

        // How long the queue's oldest item has been there, and what tells one broker from the next, is never the same.
        return [.. client.Take().Select(frame => frame.Op is Op.QueueInfos or Op.Welcome or Op.DeadItems or Op.ConnectionInfos ? frame with { BodyHex = string.Empty } : frame)];
    }

    private static void Put(SessionClient client, params byte[]?[] items) =>
        AssertOutcome(Op.Done, items.Length, client.AskOne(Op.Put, 1, 90, write: to => EveryFrame.PutItems(to, items)));

    private static void PutForEver(OutBuffer to, params byte[]?[] items)
    {
        to.Int64(ProtocolLimits.Forever);
        EveryFrame.Items(to, withTokens: false, items);
    }

    private static WireFrame Get(SessionClient client) => client.AskOne(Op.Get, 1, 91, write: to => EveryFrame.Wait(to, 0, 1));

    private static void Verdict(OutBuffer to, string prefixHex, params ulong[] tokens)
    {
        to.Copy(Convert.FromHexString(prefixHex));
        EveryFrame.Tokens(to, tokens);
    }

    private static (ulong Token, int Failures, string Hex, bool IsNull) ReadItem(ref BodyReader body)
    {
        var (token, failures) = (body.UInt64(), body.Int32());
        var hex = Convert.ToHexString(body.Item(out var length));
        return (token, failures, hex, length == Item.NullLength);
    }

    private static int CountOf(WireFrame infos) => new BodyReader(infos.Body).Count(1);

    private static void AssertOutcome(Op op, long count, WireFrame answer)
    {
        var body = new BodyReader(answer.Body);
        Assert.Equal((op, count), (answer.Op, body.Int64()));
        body.End();
    }

    private static void AssertRefused(ErrorCode code, WireFrame answer)
    {
        var body = new BodyReader(answer.Body);
        Assert.Equal((Op.Refused, Request, code), (answer.Op, answer.Request, (ErrorCode)body.UInt16()));
        Assert.NotEmpty(body.Text());
        body.End();
    }

    private static void AssertError(ErrorCode code, SessionClient client, IReadOnlyList<WireFrame> answers)
    {
        var answer = Assert.Single(answers);
        var body = new BodyReader(answer.Body);
        Assert.Equal((Op.Error, 0u, 0ul, code), (answer.Op, answer.Queue, answer.Request, (ErrorCode)body.UInt16()));
        Assert.NotEmpty(body.Text());
        body.End();
        Assert.True(client.IsDisconnected);
        Assert.True(client.HasSessionEnded);
    }
}
