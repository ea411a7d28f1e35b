using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Tests.Support;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Protocol;

/// <summary>A client whose broker does not keep to the protocol.</summary>
public sealed class ClientConnectionTests
{
    [Theory]
    [InlineData("01000000")]
    [InlineData("FFFFFFFF")]
    [InlineData("00000000" + "00")]
    [InlineData("01000000" + "FEFFFFFF")]
    [InlineData("01000000" + "05000000" + "01020304")]
    public void Get_BrokerAnswersWithABrokenItemsFrame_BrokerUnavailable(string bodyHex)
    {
        using var connection = ConnectTo(asked => asked.Op == Op.Get ? asked with { Op = Op.Items, Flags = 0, BodyHex = bodyHex } : null);
        using var queue = new IpcQueue<byte[]>(ClientQueue.Open(connection, "jobs", null), RawBytesSerializer.Instance);

        var error = Assert.Throws<BrokerUnavailableException>(() => queue.Get());

        Assert.Contains("broke the protocol", error.Message);
        Assert.True(connection.IsLost);
    }

    [Fact]
    public void Case49_Get_AnyAnswerCutOrLengthened_BrokerUnavailable()
    {
        foreach (var answer in EveryFrame.OfBroker)
        {
            foreach (var body in Enumerable.Range(0, answer.Body.Length).Select(length => answer.Body[..length]).Append([.. answer.Body, 0]))
            {
                using var connection = ConnectTo(asked => asked.Op == Op.Get ? answer with { Request = asked.Request, BodyHex = Convert.ToHexString(body) } : null);
                using var queue = new IpcQueue<byte[]>(ClientQueue.Open(connection, "jobs", null), RawBytesSerializer.Instance);

                var error = Assert.Throws<BrokerUnavailableException>(() => queue.Get());

                Assert.Contains("broke the protocol", error.Message);
            }
        }
    }

    [Theory]
    [InlineData((byte)Op.Put)]
    [InlineData(0)]
    [InlineData(200)]
    public void Get_BrokerAnswersWithWhatIsNoAnswer_BrokerUnavailable(byte op)
    {
        using var connection = ConnectTo(asked => asked.Op == Op.Get ? asked with { Op = (Op)op } : null);
        using var queue = new IpcQueue<byte[]>(ClientQueue.Open(connection, "jobs", null), RawBytesSerializer.Instance);

        Assert.Contains("is not an answer", Assert.Throws<BrokerUnavailableException>(() => queue.Get()).Message);
    }

    [Fact]
    public void Get_BrokerAnswersWithAnError_BrokerUnavailableWithItsWords()
    {
        using var connection = ConnectTo(asked => asked.Op == Op.Get ? EveryFrame.OfBroker.Single(frame => frame.Op == Op.Error) : null);
        using var queue = new IpcQueue<byte[]>(ClientQueue.Open(connection, "jobs", null), RawBytesSerializer.Instance);

        var error = Assert.Throws<BrokerUnavailableException>(() => queue.Get());

        Assert.Contains("so that one knows", error.Message);
    }

    [Fact]
    public void Get_BrokerAnswersARequestThatNobodyMade_ItIsIgnored()
    {
        var unasked = EveryFrame.OfBroker.Single(frame => frame.Op == Op.Empty) with { Request = 0xABCDEF };
        using var connection = ConnectTo(asked => asked.Op == Op.Info ? unasked : null, thenUsual: true);
        using var queue = new IpcQueue<byte[]>(ClientQueue.Open(connection, "jobs", null), RawBytesSerializer.Instance);

        Assert.Equal("jobs", queue.GetInfo().Name);
    }

    [Fact]
    public void CancelAndOnOverdue_OfARequestWhoseCallServesTheNextOne_LeaveThatAlone()
    {
        using var connection = ConnectTo(_ => null);
        using var queue = new IpcQueue<byte[]>(ClientQueue.Open(connection, "jobs", null), RawBytesSerializer.Instance);
        queue.GetInfo();
        using var next = connection.TryBegin(owner: null, ProtocolLimits.Forever)!;
        var ended = connection.TryBegin(owner: null, ProtocolLimits.Forever)!.Id;
        Assert.NotEqual(ended, next.Id);

        next.Cancel(ended);
        next.OnOverdue(ended);

        Assert.Equal((CallState.Waiting, long.MaxValue), (next.State, next.GuardAt));
        next.Cancel(next.Id);
        Assert.NotEqual(long.MaxValue, next.GuardAt);
        next.OnOverdue(next.Id);
        Assert.Equal(CallState.Waiting, next.State);
        Eventually.True(() => next.State == CallState.Overdue);
    }

    [Fact]
    public void Cancel_OfARequestAboutTheConnection_IsNotSent()
    {
        // There is no such request in the protocol: the broker would end the connection, and all that is under way on it.
        var heard = new List<Op>();
        using var connection = ConnectTo(asked =>
        {
            heard.Add(asked.Op);
            return null;
        });

        using (var call = connection.TryBegin(owner: null, ClientConnection.PromptMicros)!)
        {
            call.Cancel(call.Id);
        }

        Assert.Equal([Op.Hello], heard);
    }

    [Fact]
    public void Get_AnsweredAfterItWasGivenUpAndItsHandleDisposed_TheItemGoesBackBeforeTheQueueIsClosed()
    {
        // The other way round the broker is told of a queue that is not open, and ends the connection with all that is under way on it.
        var (heard, late) = (new List<Op>(), default(MemoryLink)!);
        using var connection = ClientConnection.Connect("here", link => late = Serve(link, asked => Hear(heard, asked.Op)));
        var queue = ClientQueue.Open(connection, "jobs", null);
        var call = queue.BeginGet("Get", lease: false, 1, ProtocolLimits.Forever);
        connection.Flush();
        var request = call.Id;
        call.OnOverdue(request);
        call.Dispose();
        queue.Dispose();

        Send(late, EveryFrame.OfBroker.First(frame => frame is { Op: Op.Items, Flags: FrameHeader.LeaseFlag }) with { Request = request });

        Eventually.True(() => Heard(heard).Contains(Op.Close));
        Assert.Equal([Op.Hello, Op.Open, Op.Get, Op.Cancel, Op.Release, Op.Close], Heard(heard));
    }

    [Fact]
    public void Get_AnsweredWhenItIsOverdueAndHasNotGivenUpYet_TheItemGoesBack()
    {
        var (heard, late) = (new List<Op>(), default(MemoryLink)!);
        using var connection = ClientConnection.Connect("here", link => late = Serve(link, asked => Hear(heard, asked.Op)));
        var queue = ClientQueue.Open(connection, "jobs", null);
        var call = queue.BeginGet("Get", lease: false, 1, ProtocolLimits.Forever);
        connection.Flush();
        call.Cancel(call.Id);
        Eventually.True(() => call.State == CallState.Overdue);

        Send(late, EveryFrame.OfBroker.First(frame => frame is { Op: Op.Items, Flags: FrameHeader.LeaseFlag }) with { Request = call.Id });

        Eventually.True(() => Heard(heard).Contains(Op.Release));
        call.Dispose();
        queue.Dispose();
        Eventually.True(() => Heard(heard).Contains(Op.Close));
    }

    private static WireFrame? Hear(List<Op> heard, Op op)
    {
        lock (heard)
        {
            heard.Add(op);
            return null;
        }
    }

    private static Op[] Heard(List<Op> heard)
    {
        lock (heard)
        {
            return [.. heard];
        }
    }

    /// <summary>A broker that greets, opens and describes queues, and otherwise answers what <paramref name="answer"/> says.</summary>
    private static ClientConnection ConnectTo(Func<WireFrame, WireFrame?> answer, bool thenUsual = false) => ClientConnection.Connect("here", link => Serve(link, answer, thenUsual));

    private static MemoryLink Serve(MemoryLink link, Func<WireFrame, WireFrame?> answer, bool thenUsual = false)
    {
        var reader = new FrameReader(1000);
        link.Received = bytes =>
        {
            foreach (var asked in WireFrame.Feed(reader, bytes))
            {
                var special = answer(asked);
                Send(link, special);
                Send(link, special is null || thenUsual ? Usual(asked) : null);
            }
        };
        return link;
    }

    private static WireFrame? Usual(WireFrame asked) => asked.Op switch
    {
        Op.Hello => Sample(Op.Welcome) with { Request = asked.Request },
        Op.Open => Sample(Op.Opened) with { Request = asked.Request },
        Op.Info => Sample(Op.QueueInfos) with { Request = asked.Request },
        _ => null,
    };

    private static WireFrame Sample(Op op) => EveryFrame.OfBroker.Single(frame => frame.Op == op);

    private static void Send(MemoryLink link, WireFrame? frame)
    {
        if (frame is not null)
        {
            link.Write(frame.ToBytes());
        }
    }
}
