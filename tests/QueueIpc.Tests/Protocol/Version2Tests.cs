using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Tests.Support;
using QueueIpc.Transport;

namespace QueueIpc.Tests.Protocol;

/// <summary>The two versions of the protocol beside each other, at both ends.</summary>
public sealed class Version2Tests
{
    private const ulong Request = 9;

    [Fact]
    public void Hello_Version2WithMoreBehindIt_IsWelcomedInVersion2()
    {
        using var broker = new SessionBroker();
        var client = broker.Connect();

        var answer = client.AskOne(Op.Hello, 0, Request, write: to =>
        {
            EveryFrame.Hello(to, version: 2);
            to.Text("something that this broker does not know");
        });

        Assert.Equal((Op.Welcome, 2), (answer.Op, new BodyReader(answer.Body).UInt16()));
    }

    [Fact]
    public void Requests_OfVersion2InVersion1_AreUnknownAsTheyAlwaysWere()
    {
        foreach (var frame in EveryFrame.OfClientInVersion2.Where(frame => frame.Op is Op.Update or Op.GetHeld or Op.Return))
        {
            using var broker = new SessionBroker();
            var answer = Assert.Single(broker.ConnectAndOpen().Ask(frame));

            Assert.Equal((Op.Error, ErrorCode.UnknownOp), (answer.Op, (ErrorCode)new BodyReader(answer.Body).UInt16()));
        }
    }

    [Fact]
    public void Requests_OfVersion2CutAnywhere_AreBadFrames()
    {
        foreach (var frame in EveryFrame.OfClientInVersion2)
        {
            for (var length = 0; length < frame.Body.Length; length++)
            {
                using var broker = new SessionBroker();
                var client = Greeted(broker);
                client.Ask(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, "jobs", null));
                client = frame.Op == Op.Hello ? broker.Connect() : client;

                var answer = Assert.Single(client.Ask(frame with { BodyHex = Convert.ToHexString(frame.Body.AsSpan(0, length)) }));

                Assert.Equal((Op.Error, ErrorCode.BadFrame), (answer.Op, (ErrorCode)new BodyReader(answer.Body).UInt16()));
            }
        }
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 0)]
    public void Return_WhatWasNotSent_IsABadFrame(ulong confirmed, ulong last)
    {
        using var broker = new SessionBroker();
        var client = Greeted(broker);
        client.Ask(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, "jobs", null));
        client.Ask(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [1]));
        client.Ask(Op.Subscribe, 1, Request, FrameHeader.ReturnFlag, to => EveryFrame.Subscription(to, 2, 1000));

        var answer = Assert.Single(client.Ask(Op.Return, 1, Request, write: to => EveryFrame.Return(to, confirmed, last)));

        Assert.Equal((Op.Error, ErrorCode.BadFrame), (answer.Op, (ErrorCode)new BodyReader(answer.Body).UInt16()));
    }

    /// <summary>A client of version 1, and one that does not say that it gives back, never hear of it.</summary>
    [Theory]
    [InlineData(1, FrameHeader.ReturnFlag)]
    [InlineData(2, 0)]
    public void Recall_ClientThatKnowsNothingOfIt_IsNotSent(ushort version, byte flags)
    {
        using var broker = new SessionBroker();
        var client = broker.Connect();
        client.Ask(Op.Hello, 0, 1, write: to => EveryFrame.Hello(to, version));
        client.Ask(Op.Open, 0, Request, write: to => EveryFrame.OpenAs(to, "jobs", null));
        client.Ask(Op.Put, 1, Request, write: to => EveryFrame.PutItems(to, [1]));
        client.Ask(Op.Subscribe, 1, Request, flags, to => EveryFrame.Subscription(to, 2, 1000));
        client.Ask(Op.Advance, 1, Request, write: to => EveryFrame.Advance(to, 0, 0));

        var answer = client.AskOne(Op.Get, 1, Request + 1, write: to => EveryFrame.Wait(to, 0, 1));

        Assert.Equal(Op.Empty, answer.Op);
    }

    [Fact]
    public void Open_LabelForAQueueWithAName_IsRefused()
    {
        using var broker = new SessionBroker();

        var answer = Greeted(broker).AskOne(Op.Open, 0, Request, write: to => EveryFrame.OpenInVersion2(to, "jobs", 1, label: "results"));

        Assert.Equal((Op.Refused, ErrorCode.BadValue), (answer.Op, (ErrorCode)new BodyReader(answer.Body).UInt16()));
    }

    [Theory]
    [InlineData("nobody", 30_000_000, (ushort)ErrorCode.NoSuchQueue)]
    [InlineData("jobs", 5, (ushort)ErrorCode.BadValue)]
    public void Update_NoSuchQueueOrValue_IsRefused(string name, long leaseTime, ushort code)
    {
        using var broker = new SessionBroker();
        broker.ConnectAndOpen("jobs");

        var answer = Greeted(broker).AskOne(Op.Update, 0, Request, write: to => EveryFrame.Update(to, name, 1, leaseTime));

        Assert.Equal((Op.Refused, code), (answer.Op, new BodyReader(answer.Body).UInt16()));
    }

    [Fact]
    public void Answers_OfABrokerOfVersion2CutOrLengthened_EndTheConnection()
    {
        foreach (var answer in EveryFrame.OfBrokerInVersion2.Where(answer => answer.Op != Op.Welcome))
        {
            foreach (var body in Enumerable.Range(0, answer.Body.Length).Select(length => answer.Body[..length]).Append([.. answer.Body, 0]))
            {
                var broken = answer with { BodyHex = Convert.ToHexString(body) };

                Assert.Throws<ProtocolException>(() => AnswerCheck.Check(HeaderOf(broken), broken.Body, version: 2));
            }

            AnswerCheck.Check(HeaderOf(answer), answer.Body, version: 2);
        }
    }

    [Theory]
    [InlineData((ushort)0)]
    [InlineData((ushort)3)]
    public void Welcome_AVersionThatNobodyAskedFor_EndsTheConnection(ushort version)
    {
        var welcome = EveryFrame.OfBrokerInVersion2[0];

        Assert.Throws<ProtocolException>(() => AnswerCheck.Check(HeaderOf(welcome), [.. BitConverter.GetBytes(version), .. welcome.Body[2..]], version: 0));
    }

    [Fact]
    public void BrokerOfVersion1_IsAskedForWhatItDoesNotKnow_SaysSoAndTheRestWorks()
    {
        using var connection = ClientConnection.Connect("here", Serve);
        using var client = new QueueClient(connection, new QueueClientOptions());
        using var queue = client.OpenQueue<byte[]>("jobs");

        Assert.Equal(1, connection.Version);
        Assert.Contains("version 2", Assert.Throws<NotSupportedException>(() => client.UpdateQueue("jobs", new QueueOptions())).Message);
        Assert.Throws<NotSupportedException>(() => queue.Redrive([1]));
        Assert.Throws<NotSupportedException>(() => queue.DeleteDead([1]));
        Assert.Throws<NotSupportedException>(() => queue.GetHeldItems(1));
        Assert.Equal((string.Empty, false), (queue.GetInfo().Label, queue.GetInfo().IsDurable));
        using var lease = queue.Lease();
        Assert.Throws<NotSupportedException>(() => lease.Sequence);
        lease.Nack(TimeSpan.Zero, "it is cold");
    }

    private static SessionClient Greeted(SessionBroker broker)
    {
        var client = broker.Connect();
        client.Ask(Op.Hello, 0, 1, write: to => EveryFrame.Hello(to, version: 2));
        return client;
    }

    private static FrameHeader HeaderOf(WireFrame frame) => new(frame.Body.Length, frame.Op, frame.Flags, frame.Queue, frame.Request);

    /// <summary>A broker of version 1, in so far as it is asked.</summary>
    private static void Serve(MemoryLink link)
    {
        var reader = new FrameReader(1000);
        link.Received = bytes =>
        {
            foreach (var asked in WireFrame.Feed(reader, bytes))
            {
                if (Answer(asked) is { } answer)
                {
                    link.Write((answer with { Request = asked.Request }).ToBytes());
                }
            }
        };
    }

    private static WireFrame? Answer(WireFrame asked) => asked.Op switch
    {
        Op.Hello => Sample(Op.Welcome),
        Op.Open => Sample(Op.Opened),
        Op.Info => Sample(Op.QueueInfos),
        Op.Get => Sample(Op.Items),
        Op.Nack when asked.Body.Length == sizeof(long) + sizeof(int) + sizeof(ulong) => Sample(Op.Done),
        _ => null,
    };

    private static WireFrame Sample(Op op) => EveryFrame.OfBroker.First(frame => frame.Op == op);
}
