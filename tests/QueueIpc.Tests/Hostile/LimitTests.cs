using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Simulation;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>The limits of docs/limits.md, each reached and gone beyond. Those that need a pipe or a process are in HostileClientTests.</summary>
public sealed class LimitTests
{
    private const ulong Request = 100;

    [Fact]
    public void MaxMemoryBytes_IsFull_PutsWaitAndGetsAndAcksGoOn()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxItemBytes = 1000, MaxMemoryBytes = 2 * (1000 + QueueMachine.ItemOverheadBytes) });
        var client = broker.ConnectAndOpen();
        Put(client, Request, new byte[1000], new byte[1000]);
        Assert.Empty(PutForEver(client, Request + 1, new byte[1000]));

        Assert.Equal(Op.Items, client.AskOne(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, 1)).Op);
        Assert.Empty(client.Take());
        var answers = client.Ask(Op.Ack, 1, Request, write: to => EveryFrame.Tokens(to, 0x1_0000_0000));

        // What the ack gave back is given to the put by the clock's thread.
        Eventually.True(() => (answers = [.. answers, .. client.Take()]).Count == 2);
        Assert.Equal([(Op.Done, Request), (Op.Done, Request + 1)], answers.Select(answer => (answer.Op, answer.Request)).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MaxMemoryBytes_QueueEndsWhilePutsThatWentTogetherAreAcceptedInPart_EachIsToldWhatBecameOfItsOwnItem(bool byDispose)
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxItemBytes = 1000, MaxMemoryBytes = 2 * (1000 + QueueMachine.ItemOverheadBytes) });
        using var others = broker.OpenQueue<byte[]>("others");
        using var queue = IpcQueue.Open<byte[]>(broker.Endpoint, "jobs");
        using var another = broker.OpenQueue<byte[]>("jobs");
        others.PutMany([new byte[1000], new byte[1000]]);
        var first = queue.PutAsync(new byte[1000]).AsTask();
        var (second, third) = (queue.PutAsync(new byte[1000]).AsTask(), queue.PutAsync(new byte[1000]).AsTask());
        others.Get();
        await first.WaitAsync(Times.Long);
        others.Get();
        Eventually.True(() => another.GetInfo() is { Ready: 2, WaitingPuts: 1 });

        if (byDispose)
        {
            queue.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => third.WaitAsync(Times.Long));
        }
        else
        {
            another.Complete();
            await Assert.ThrowsAsync<QueueCompletedException>(() => third.WaitAsync(Times.Long));
        }

        await second.WaitAsync(Times.Long);
        Assert.Equal(2, another.Count);
    }

    [Fact]
    public void MaxWaitingBytes_IsFull_PutsThatMayWaitAreRefusedUntilSomeAreDone()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxWaitingBytes = 1000 });
        var client = broker.ConnectAndOpen(capacity: 1);
        Put(client, Request, [1]);

        // One put may be as large as it likes; the limit is for those beside it, on whatever queue.
        Assert.Empty(PutForEver(client, 1, new byte[2000]));
        AssertRefused(ErrorCode.TooManyWaits, Assert.Single(PutForEver(client, 2, [1])));
        Assert.Equal(Op.Opened, client.AskOne(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, "other", 1)).Op);
        AssertRefused(ErrorCode.TooManyWaits, Assert.Single(client.Ask(Op.Put, 2, 3, write: to => ForEver(to, [1]))));

        Assert.Equal(Op.Full, client.AskOne(Op.Put, 1, 4, write: to => EveryFrame.PutItems(to, [1])).Op);
        Assert.Equal(Op.Cancelled, client.AskOne(Op.Cancel, 1, 1).Op);
        Assert.Empty(PutForEver(client, 5, [1]));
    }

    [Fact]
    public void MaxWaitingBytes_PutsThatAreAdmittedOrClosed_CountNoMore()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxWaitingBytes = 1000 });
        var client = broker.ConnectAndOpen(capacity: 1);
        Put(client, Request, [1]);
        Assert.Empty(PutForEver(client, 1, new byte[900]));
        AssertRefused(ErrorCode.TooManyWaits, Assert.Single(PutForEver(client, 2, new byte[900])));

        Assert.Equal([(Op.Done, 1ul), (Op.Done, Request)], client.Ask(Op.Clear, 1, Request).Select(answer => (answer.Op, answer.Request)).Order());
        Assert.Empty(PutForEver(client, 3, new byte[900]));
        AssertRefused(ErrorCode.TooManyWaits, Assert.Single(PutForEver(client, 4, new byte[900])));

        Assert.Equal(Op.Done, client.AskOne(Op.Close, 1, Request).Op);
        Assert.Equal(2u, Open(client, "jobs").Queue);
        Assert.Empty(client.Ask(Op.Put, 2, 5, write: to => ForEver(to, new byte[900])));
    }

    [Fact]
    public void MaxOpenQueues_OneMore_IsRefusedUntilOneIsClosed()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxOpenQueues = 2 });
        var client = broker.ConnectAndOpen();
        Assert.Equal(Op.Opened, Open(client, "jobs").Op);

        AssertRefused(ErrorCode.TooManyQueues, Open(client, "jobs"));

        Assert.Equal(Op.Done, client.AskOne(Op.Close, 1, Request).Op);
        Assert.Equal(Op.Opened, Open(client, "jobs").Op);
    }

    [Fact]
    public void MaxHeldPerQueue_IsReached_NoMoreIsGotUntilSomethingIsSettled()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxHeldPerQueue = 2 });
        var (client, other) = (broker.ConnectAndOpen(), broker.ConnectAndOpen());
        Put(client, Request, [1], [2], [3], [4]);
        Assert.Equal(Op.Items, Get(client).Op);
        Assert.Equal(Op.Items, Get(client).Op);

        AssertRefused(ErrorCode.TooManyHeld, Get(client));
        AssertRefused(ErrorCode.TooManyHeld, client.AskOne(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, 1, 1)));

        Assert.Equal(Op.Items, Get(other).Op);
        Assert.Equal(Op.Done, client.AskOne(Op.Ack, 1, Request, write: to => EveryFrame.Tokens(to, 0x1_0000_0000)).Op);
        Assert.Equal(Op.Items, Get(client).Op);
    }

    [Fact]
    public void MaxHeldPerQueue_QueueIsOpenUnderTwoNumbers_BothCountTogether()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxHeldPerQueue = 3 });
        var client = broker.ConnectAndOpen();
        Put(client, Request, [1], [2], [3], [4]);
        Assert.Equal(2u, Open(client, "jobs").Queue);
        Assert.Equal(Op.Items, Get(client).Op);

        var many = client.AskOne(Op.Get, 2, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 10));

        Assert.Equal(2, new BodyReader(many.Body).Count(4));
        AssertRefused(ErrorCode.TooManyHeld, Get(client));
        Assert.Equal(Op.Done, client.AskOne(Op.Close, 2, Request).Op);
        Assert.Equal(Op.Items, Get(client).Op);
    }

    [Fact]
    public void MaxWaitsPerQueue_QueueIsOpenUnderTwoNumbers_BothCountTogether()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxWaitsPerQueue = 2 });
        var client = broker.ConnectAndOpen();
        Assert.Equal(2u, Open(client, "jobs").Queue);
        Assert.Empty(client.Ask(Op.Get, 1, 11, write: to => EveryFrame.Wait(to, -1, 1)));
        Assert.Empty(client.Ask(Op.Get, 2, 12, write: to => EveryFrame.Wait(to, -1, 1)));

        AssertRefused(ErrorCode.TooManyWaits, client.AskOne(Op.Get, 1, 13, write: to => EveryFrame.Wait(to, -1, 1)));

        Assert.Equal(Op.Done, client.AskOne(Op.Close, 2, Request).Op);
        Assert.Empty(client.Ask(Op.Get, 1, 14, write: to => EveryFrame.Wait(to, -1, 1)));
    }

    [Fact]
    public void MaxHeldPerQueue_WindowIsLarger_NoMoreIsSentAhead()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxHeldPerQueue = 2 });
        var client = broker.ConnectAndOpen();
        Put(client, Request, [1], [2], [3], [4]);

        var sent = client.AskOne(Op.Subscribe, 1, Request, write: to => EveryFrame.Subscription(to, int.MaxValue, long.MaxValue));
        var sentNext = client.AskOne(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 1, int.MaxValue));

        Assert.Equal((2, 1), (new BodyReader(sent.Body).Count(4), new BodyReader(sentNext.Body).Count(4)));
    }

    [Fact]
    public void MaxHeldPerQueue_SeveralGetsWait_TheRestIsRefusedWhenItemsCome()
    {
        using var broker = new SessionBroker(new QueueBrokerOptions { MaxHeldPerQueue = 2 });
        var (client, other) = (broker.ConnectAndOpen(), broker.ConnectAndOpen());
        for (var request = 11ul; request < 15; request++)
        {
            Assert.Empty(client.Ask(Op.Get, 1, request, write: to => EveryFrame.Wait(to, -1, 1)));
        }

        Put(other, Request, [1], [2], [3], [4]);

        var answers = client.Take();
        Assert.Equal([Op.Items, Op.Items, Op.Refused, Op.Refused], answers.Select(answer => answer.Op));
        AssertRefused(ErrorCode.TooManyHeld, answers[^1]);
        Assert.Equal(Op.Items, Get(other).Op);
    }

    [Fact]
    public async Task MaxHeldPerQueue_IsReached_AReaderIsToldWhy()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxHeldPerQueue = 1 });
        using var queue = broker.OpenQueue<int>("jobs");
        queue.Put(1);
        using var lease = queue.Lease(Times.Long);
        using var stop = new CancellationTokenSource(Times.Long);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await queue.ReadAllAsync(stop.Token).FirstAsync(stop.Token));

        Assert.Equal("Queue 'jobs': one connection may hold 1 items of one queue, and holds them", error.Message);
    }

    [Fact]
    public void DeadItems_MoreThanAreKept_TheOldestGo()
    {
        const int Kept = 10_000;
        using var broker = new SessionBroker();
        var client = broker.ConnectAndOpen();
        Put(client, Request, [.. Enumerable.Repeat(new byte[] { 1 }, Kept + 1)]);
        client.Ask(Op.Get, 1, Request, write: to => EveryFrame.Wait(to, 0, Kept + 1));

        client.Ask(Op.DeadLetter, 1, Request, write: to => EveryFrame.Dead(to, "no", [.. Enumerable.Range(0, Kept + 1).Select(i => 0x1_0000_0000 + (ulong)i)]));

        var dead = new BodyReader(client.AskOne(Op.GetDead, 1, Request, write: to => to.Int32(int.MaxValue)).Body);
        Assert.Equal((Kept, 2L), (dead.Count(1), dead.Int64()));
    }

    [Fact]
    public void MaxSilentConnections_OneMore_EndsTheOldestAndAnHonestOneIsServed()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxSilentConnections = 3, HandshakeTimeout = Times.Long * 10 });
        using var greeted = RawClient.Greeted(broker.Endpoint);
        var silent = Enumerable.Range(0, 5).Select(_ => new RawClient(broker.Endpoint)).ToArray();

        Assert.All(silent[..2], one => Assert.Equal(ErrorCode.TooManyConnections, (ErrorCode)one.ReadErrorAndEnd()));

        using var honest = new HonestClient(broker.Endpoint);
        honest.WaitRounds(10);
        greeted.OpenQueue("still there");
        Assert.Equal(ErrorCode.TooManyConnections, (ErrorCode)silent[2].ReadErrorAndEnd());
        Assert.All(silent, one => one.Dispose());
    }

    [Fact]
    public void FrameTimeout_FrameThatStaysHalf_EndsThatConnectionAndGivesBackWhatItHeld()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { FrameTimeout = Times.Short });
        using var queue = broker.OpenQueue<byte[]>("jobs");
        queue.Put([7]);
        using var half = RawClient.Greeted(broker.Endpoint);
        var id = half.OpenQueue("jobs");
        half.Send(WireFrame.Make(Op.Get, id, 3, write: to => EveryFrame.Wait(to, 0, 1)).ToBytes());
        Assert.Equal((byte)Op.Items, half.ReadFrame().Op);

        half.Send(RawClient.Frame(RawClient.Put, id, 4, RawClient.PutBody([1])).AsSpan(0, 30));

        Assert.Equal(ErrorCode.TooSlow, (ErrorCode)half.ReadErrorAndEnd());
        Assert.Equal([7], queue.Get(Times.Long));
    }

    [Fact]
    public void FrameTimeout_ConnectionThatIsIdleBetweenFrames_StaysForEver()
    {
        var clock = new SimulatedClock(new SimulatedTime());
        using var broker = new SessionBroker(new QueueBrokerOptions { FrameTimeout = Times.Short }, clock);
        var client = broker.ConnectAndOpen();
        var frame = WireFrame.Make(Op.List, 0, 3).ToBytes();
        client.Send(frame.AsSpan(0, 10));
        clock.Advance(Times.Short / 2);
        client.Send(frame.AsSpan(10));
        Assert.Equal(Op.QueueInfos, Assert.Single(client.Take()).Op);

        clock.Advance(Times.Long);
        client.Send(frame.AsSpan(0, 10));
        clock.Advance(Times.Short - TimeSpan.FromMicroseconds(1));
        Assert.False(client.IsDisconnected);
        clock.Advance(TimeSpan.FromMicroseconds(1));

        Assert.Equal(ErrorCode.TooSlow, (ErrorCode)new BodyReader(Assert.Single(client.Take()).Body).UInt16());
        Assert.True(client.IsDisconnected);
    }

    [Fact]
    public void MaxUnsentBytes_ItemsAndAClientThatReadsLate_AllArriveInOrder()
    {
        // It asks for all, and begins to read when the broker has stopped listening to it.
        const int Items = 100;
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxUnsentBytes = 1024 * 1024 });
        using var queue = broker.OpenQueue<byte[]>("jobs");
        queue.PutMany(Enumerable.Range(0, Items).Select(i => Enumerable.Repeat((byte)i, 100_000).ToArray()));
        using var late = RawClient.Greeted(broker.Endpoint);
        var id = late.OpenQueue("jobs");

        late.Send([.. Enumerable.Range(1, Items).SelectMany(i => WireFrame.Make(Op.Get, id, (ulong)i, write: to => EveryFrame.Wait(to, 0, 1)).ToBytes())]);
        Eventually.True(() => queue.GetInfo().Leased > 10);

        Assert.InRange(queue.GetInfo().Leased, 10, 40);
        Assert.All(Enumerable.Range(0, Items), i => Assert.Equal((byte)i, late.ReadFrame().Body[^1]));
        Assert.Equal(Items, queue.GetInfo().Leased);
    }

    [Fact]
    public void SmallItems_PutTogetherWithALargeOne_DoNotKeepItInMemory()
    {
        const int LargeBytes = 10_000_000;
        const int Puts = 20;
        using var broker = new SessionBroker();
        var client = broker.ConnectAndOpen();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Puts; i++)
        {
            Put(client, Request, new byte[LargeBytes], [(byte)i]);
            var token = BitConverter.ToUInt64(Get(client).Body, sizeof(int));
            Assert.Equal(Op.Done, client.AskOne(Op.Ack, 1, Request, write: to => EveryFrame.Tokens(to, token)).Op);

            // Held from now on, and its neighbour is gone.
            Assert.Equal((byte)i, Get(client).Body[^1]);
        }

        // The buffers of both ends are still as large as the last frames needed them.
        var more = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(more < Puts * LargeBytes / 2, $"{more} bytes more");
        Assert.Equal(Op.QueueInfos, client.AskOne(Op.Info, 1, Request).Op);
    }

    private static void Put(SessionClient client, ulong request, params byte[]?[] items) =>
        Assert.Equal(Op.Done, client.AskOne(Op.Put, 1, request, write: to => EveryFrame.PutItems(to, items)).Op);

    private static IReadOnlyList<WireFrame> PutForEver(SessionClient client, ulong request, params byte[]?[] items) =>
        client.Ask(Op.Put, 1, request, write: to => ForEver(to, items));

    private static void ForEver(OutBuffer to, params byte[]?[] items)
    {
        to.Int64(ProtocolLimits.Forever);
        EveryFrame.Items(to, withTokens: false, items);
    }

    private static WireFrame Get(SessionClient client) => client.AskOne(Op.Get, 1, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 1));

    private static WireFrame Open(SessionClient client, string name) => client.AskOne(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, name, null));

    private static void AssertRefused(ErrorCode code, WireFrame answer)
    {
        Assert.Equal(Op.Refused, answer.Op);
        Assert.Equal(code, (ErrorCode)new BodyReader(answer.Body).UInt16());
    }
}
