using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>Clients whose frames are in order and whose behaviour is not: their connection alone pays for it; an honest one is served all the while.</summary>
public sealed class HostileClientTests(ITestOutputHelper output)
{
    private const int Silent = 200;
    private const int Connects = 10_000;
    private const int Waits = 1_000_000;

    /// <summary>The runtime opens what it pleases. What was leaked each time would be far more.</summary>
    private const int Noise = 20;

    [Fact]
    public void Connect_ClientsWithoutAWord_AreToldAfterTheHandshakeTimeout()
    {
        using var broker = new AttackedBroker(new QueueBrokerOptions { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        var silent = Enumerable.Range(0, Silent).Select(_ => new RawClient(broker.Endpoint)).ToArray();
        silent[0].Send(RawClient.Frame(RawClient.Hello, 0, 1, RawClient.HelloBody).AsSpan(0, 10));
        silent[1].Send("AMQP\0\0\u0009\u0001"u8);

        broker.Honest.WaitRounds(100);

        Assert.All(silent, one => Assert.Equal(ErrorCode.HandshakeTimeout, (ErrorCode)one.ReadErrorAndEnd()));
        Assert.All(silent, one => one.Dispose());
        broker.AssertUnharmed();
    }

    [Fact]
    public void Connect_GreetingThatComesLate_FindsAClosedConnection()
    {
        using var broker = new AttackedBroker(new QueueBrokerOptions { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        using var late = new RawClient(broker.Endpoint);
        Assert.Equal(RawClient.Error, late.ReadFrame().Op);

        late.TrySend(RawClient.Frame(RawClient.Hello, 0, 1, RawClient.HelloBody));

        Assert.True(late.IsAtEnd());
        broker.AssertUnharmed();
    }

    [Fact]
    public void Connect_TenThousandTimesAndCloseAtOnce_LeavesNothingBehind()
    {
        using var broker = new AttackedBroker();
        for (var i = 0; i < Connects / 10; i++)
        {
            new RawClient(broker.Endpoint).Dispose();
        }

        var before = broker.OpenHandles;
        for (var i = Connects / 10; i < Connects; i++)
        {
            new RawClient(broker.Endpoint).Dispose();
        }

        Eventually.True(() => broker.OpenHandles <= before + Noise);
        output.WriteLine($"handles: {before}, then {broker.OpenHandles}; resident: {broker.ResidentBytes >> 20} MiB");
        broker.AssertUnharmed();
    }

    [Fact]
    public async Task Frame_OneByteAtATime_EndsAtTheFrameTimeoutAndHoldsUpNobody()
    {
        using var broker = new AttackedBroker(new QueueBrokerOptions { FrameTimeout = TimeSpan.FromSeconds(1) });
        using var slow = RawClient.Greeted(broker.Endpoint);
        var queue = slow.OpenQueue("slow");
        var frame = RawClient.Frame(RawClient.Put, queue, 3, RawClient.PutBody(new byte[AttackedBroker.MaxItemBytes]));

        var sent = 0;
        var told = Run.OnThread(() => (ErrorCode)slow.ReadErrorAndEnd());
        while (!told.IsCompleted)
        {
            // One byte for each item that the honest client gets through.
            slow.TrySend(frame.AsSpan(sent++, 1));
            broker.Honest.WaitRounds(1);
        }

        output.WriteLine($"{sent} bytes of one frame");
        Assert.True(sent < frame.Length);
        Assert.Equal(ErrorCode.TooSlow, await told);
        broker.AssertUnharmed();
    }

    [Fact]
    public void Frames_AThousandInOneWrite_AreAnsweredInTheirOrder()
    {
        const int Frames = 1000;
        using var broker = new AttackedBroker();
        using var client = RawClient.Greeted(broker.Endpoint);
        var queue = client.OpenQueue("jobs");

        client.Send([.. Enumerable.Range(1, Frames).SelectMany(i => WireFrame.Make(Op.Info, queue, (ulong)i).ToBytes())]);

        Assert.All(Enumerable.Range(1, Frames), i => Assert.Equal((ulong)i, client.ReadAnswer().Request));
        broker.AssertUnharmed();
    }

    [Fact]
    public void Replies_NeverRead_EndTheConnectionAtItsLimit()
    {
        using var broker = new AttackedBroker();
        using var deaf = RawClient.Greeted(broker.Endpoint);
        var questions = Questions(Op.Info, deaf.OpenQueue("jobs"), 1000);

        Assert.ThrowsAny<IOException>(() =>
        {
            for (var asked = 0; asked < 10_000_000; asked += 1000)
            {
                deaf.Send(questions);
            }
        });

        output.WriteLine($"resident: {broker.ResidentBytes >> 20} MiB");
        broker.AssertUnharmed();
    }

    [Theory]
    [InlineData(Op.Peek)]
    [InlineData(Op.GetDead)]
    [InlineData(Op.List)]
    public void Reports_AskedForInOneWriteAndNeverRead_TakeNoMoreThanTheLimit(object op)
    {
        using var broker = new AttackedBroker();
        using var queue = IpcQueue.Open<byte[]>(broker.Endpoint, "jobs", new QueueOptions { MaxFailures = 1 });
        queue.PutMany(Enumerable.Repeat(new byte[100], 10_000));
        if ((Op)op == Op.GetDead)
        {
            foreach (var lease in queue.LeaseMany(1_000, Times.Long))
            {
                lease.DeadLetter(new string('x', 1024));
            }
        }

        using var client = QueueClient.Connect(broker.Endpoint);
        var others = Enumerable.Range(0, (Op)op == Op.List ? 5_000 : 0).Select(i => client.OpenQueue<int>($"{i}-{new string('q', 100)}")).ToArray();
        using var deaf = RawClient.Greeted(broker.Endpoint);
        var id = (Op)op == Op.List ? 0 : deaf.OpenQueue("jobs");
        var body = (Op)op == Op.List ? [] : RawClient.Body(writer => writer.Write(60_000));

        deaf.TrySend([.. Enumerable.Range(3, 2_000).SelectMany(i => RawClient.Frame((byte)(Op)op, id, (ulong)i, body))]);

        Eventually.True(() => !deaf.TrySend(Questions(Op.List, 0, 1)));
        output.WriteLine($"resident at most: {broker.ResidentBytesEver >> 20} MiB");
        Assert.InRange(broker.ResidentBytesEver, 0, 320L * 1024 * 1024);
        broker.AssertUnharmed();
        Array.ForEach(others, other => other.Dispose());
    }

    [Fact]
    public void Items_AskedForAndConfirmedUnread_DoNotStayInMemoryBeyondTheLimit()
    {
        // It takes items, confirms them, and so makes room for more at the broker; but it reads none.
        const int Rounds = 20;
        using var broker = new AttackedBroker(new QueueBrokerOptions { MaxUnsentBytes = 4 * 1024 * 1024, FrameTimeout = TimeSpan.FromSeconds(2) });
        using var queue = IpcQueue.Open<byte[]>(broker.Endpoint, "pinned");
        using var deaf = RawClient.Greeted(broker.Endpoint);
        var id = deaf.OpenQueue("pinned");
        var item = new byte[AttackedBroker.MaxItemBytes];
        var (isOpen, asked, highest) = (true, 0ul, 0L);
        for (var round = 0; round < Rounds && isOpen; round++)
        {
            var put = 0;
            for (; queue.TryPut(item); put++)
            {
            }

            for (; isOpen && put > 0; put--)
            {
                asked++;
                isOpen = deaf.TrySend([
                    .. WireFrame.Make(Op.Get, id, asked, write: to => EveryFrame.Wait(to, 0, 1)).ToBytes(),
                    .. WireFrame.Make(Op.Ack, id, 0, write: to => EveryFrame.Tokens(to, asked << 32)).ToBytes()]);
            }

            Eventually.True(() => queue.Count == 0 || !(isOpen = deaf.TrySend(Questions(Op.Info, id, 1))));
            highest = Math.Max(highest, broker.ResidentBytes);
        }

        output.WriteLine($"{asked} asked for; resident at most: {highest >> 20} MiB");
        Assert.False(isOpen);
        broker.AssertUnharmed();
    }

    [Fact]
    public void Gets_AMillionThatWait_AreRefusedBeyondTheLimitAndForgottenAtTheEnd()
    {
        using var broker = new AttackedBroker();
        var refused = 0;
        using (var greedy = RawClient.Greeted(broker.Endpoint))
        {
            var queue = greedy.OpenQueue("jobs");
            var asking = Run.OnThread(() => AskForAMillion(greedy, queue));
            for (; refused < Waits - new QueueBrokerOptions().MaxWaitsPerQueue; refused++)
            {
                Assert.Equal(ErrorCode.TooManyWaits, (ErrorCode)greedy.ReadAnswer().RefusedWith);
            }

            Assert.True(((IAsyncResult)asking).AsyncWaitHandle.WaitOne(Times.Long));
            output.WriteLine($"{refused} refused; resident: {broker.ResidentBytes >> 20} MiB");
            broker.AssertUnharmed();
        }

        using var queueAgain = IpcQueue.Open<int>(broker.Endpoint, "jobs");
        Eventually.True(() => queueAgain.GetInfo().WaitingGets == 0);
    }

    [Fact]
    public void Puts_ThatWaitWithMuchInThem_AreRefusedBeyondTheLimit()
    {
        const int Puts = 300;
        using var broker = new AttackedBroker(new QueueBrokerOptions { MaxWaitingBytes = 8 * AttackedBroker.MaxItemBytes });
        using var full = IpcQueue.Open<byte[]>(broker.Endpoint, "full", new QueueOptions { Capacity = 1 });
        full.Put([1]);
        using var greedy = RawClient.Greeted(broker.Endpoint);
        var queue = greedy.OpenQueue("full");
        var body = RawClient.PutBody(new byte[AttackedBroker.MaxItemBytes - 100]);

        var sending = Run.OnThread(() => Array.ForEach([.. Enumerable.Range(3, Puts)], i => greedy.Send(RawClient.Frame(RawClient.Put, queue, (ulong)i, body))));
        for (var refused = 0; refused < Puts - 8; refused++)
        {
            Assert.Equal(ErrorCode.TooManyWaits, (ErrorCode)greedy.ReadAnswer().RefusedWith);
        }

        Assert.True(((IAsyncResult)sending).AsyncWaitHandle.WaitOne(Times.Long));
        Assert.Equal(8, full.GetInfo().WaitingPuts);
        output.WriteLine($"resident: {broker.ResidentBytes >> 20} MiB");
        broker.AssertUnharmed();
    }

    private static void AskForAMillion(RawClient greedy, uint queue)
    {
        const int AtOnce = 1000;
        var frame = RawClient.Frame((byte)Op.Get, queue, 0, ForEver);
        var frames = Enumerable.Repeat(frame, AtOnce).SelectMany(bytes => bytes).ToArray();
        for (var asked = 0; asked < Waits; asked += AtOnce)
        {
            for (var i = 0; i < AtOnce; i++)
            {
                BitConverter.TryWriteBytes(frames.AsSpan((i * frame.Length) + 12), (ulong)(asked + i + 1));
            }

            greedy.Send(frames);
        }
    }

    private static byte[] ForEver { get; } = [.. Enumerable.Repeat((byte)0xFF, 8), 1, 0, 0, 0];

    private static byte[] Questions(Op op, uint queue, int count) => [.. Enumerable.Range(3, count).SelectMany(i => RawClient.Frame((byte)op, queue, (ulong)i, []))];
}
