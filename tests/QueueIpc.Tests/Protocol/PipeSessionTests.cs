using System.IO.Pipes;
using QueueIpc.Protocol;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Protocol;

/// <summary>A broker's real pipe, and a client that knows nothing but bytes.</summary>
public sealed class PipeSessionTests
{
    [Fact]
    public void Broker_FrameThatBreaksTheProtocol_ErrorThenEndAndOthersGoOn()
    {
        using var broker = QueueBroker.Start();
        using var bad = Connect(broker);
        using var good = QueueClient.Connect(broker.Endpoint);

        Write(bad, WireFrame.Make(Op.Hello, 0, 1, write: EveryFrame.Hello), WireFrame.Make((Op)99, 0, 2));
        var received = ReadToEnd(bad);

        Assert.Equal([Op.Welcome, Op.Error], received.Select(frame => frame.Op));
        Assert.Equal(ErrorCode.UnknownOp, CodeOf(received[1]));
        Assert.Empty(good.GetQueues());
    }

    [Fact]
    public void Broker_ClientThatSaysNothing_IsToldAndDisconnected()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { HandshakeTimeout = Times.Short });
        using var silent = Connect(broker);

        var received = ReadToEnd(silent);

        Assert.Equal(ErrorCode.HandshakeTimeout, CodeOf(Assert.Single(received)));
    }

    [Fact]
    public void Broker_OneConnectionMoreThanAllowed_IsToldAndDisconnected()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxConnections = 1 });
        using var first = QueueClient.Connect(broker.Endpoint);
        using var second = Connect(broker);

        var received = ReadToEnd(second);

        Assert.Equal(ErrorCode.TooManyConnections, CodeOf(Assert.Single(received)));
        Assert.Empty(first.GetQueues());
    }

    [Fact]
    public void Broker_Disposed_TellsItsClients()
    {
        using var broker = QueueBroker.Start();
        using var client = Connect(broker);
        Write(client, WireFrame.Make(Op.Hello, 0, 1, write: EveryFrame.Hello));
        Assert.Equal(Op.Welcome, ReadOne(client).Op);

        broker.Dispose();

        Assert.Equal(ErrorCode.Stopping, CodeOf(Assert.Single(ReadToEnd(client))));
    }

    [Fact]
    public void Broker_ClientThatAsksAndNeverReads_IsDisconnectedAtItsLimit()
    {
        using var broker = QueueBroker.Start(new QueueBrokerOptions { MaxUnsentBytes = 100_000 });
        using var deaf = Connect(broker);
        using var good = QueueClient.Connect(broker.Endpoint);
        Write(deaf, WireFrame.Make(Op.Hello, 0, 1, write: EveryFrame.Hello), WireFrame.Make(Op.Open, 0, 2, write: to => EveryFrame.OpenAs(to, "jobs", null)));
        var questions = Enumerable.Range(0, 100).Select(i => WireFrame.Make(Op.Info, 1, (ulong)i + 3)).ToArray();

        Assert.ThrowsAny<IOException>(() =>
        {
            for (var asked = 0; asked < 1_000_000; asked += questions.Length)
            {
                Write(deaf, questions);
            }
        });

        Assert.Single(good.GetQueues());
    }

    [Fact]
    public void Broker_ClientGoneInTheMiddleOfAFrame_WhatItHeldGoesBack()
    {
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<byte[]>("jobs");
        queue.Put([7]);
        using (var client = Connect(broker))
        {
            Write(client, WireFrame.Make(Op.Hello, 0, 1, write: EveryFrame.Hello), WireFrame.Make(Op.Open, 0, 2, write: to => EveryFrame.OpenAs(to, "jobs", null)));
            Write(client, WireFrame.Make(Op.Get, 1, 3, write: to => EveryFrame.Wait(to, 0, 1)));
            Eventually.True(() => queue.GetInfo().Leased == 1);
            client.Write(EveryFrame.AllBytes.AsSpan(0, 10));
        }

        Assert.True(queue.TryGet(out var item, Times.Long));
        Assert.Equal([7], item);
    }

    [Fact]
    public void Case49_Broker_BytesOneByOneOverThePipe_AreAnsweredLikeWholeFrames()
    {
        using var broker = QueueBroker.Start();
        using var client = Connect(broker);
        byte[] bytes =
        [
            .. WireFrame.Make(Op.Hello, 0, 1, write: EveryFrame.Hello).ToBytes(),
            .. WireFrame.Make(Op.Open, 0, 2, write: to => EveryFrame.OpenAs(to, "jobs", null)).ToBytes(),
            .. WireFrame.Make(Op.Put, 1, 3, write: to => EveryFrame.PutItems(to, [1, 2, 3], null)).ToBytes(),
            .. WireFrame.Make(Op.Get, 1, 4, write: to => EveryFrame.Wait(to, 0, 2)).ToBytes(),
        ];

        foreach (var value in bytes)
        {
            client.WriteByte(value);
        }

        Assert.Equal([Op.Welcome, Op.Opened, Op.Done, Op.Items], Enumerable.Range(0, 4).Select(_ => ReadOne(client).Op));
    }

    private static NamedPipeClientStream Connect(QueueBroker broker)
    {
        var name = OperatingSystem.IsWindows() ? broker.Endpoint[@"\\.\pipe\".Length..] : broker.Endpoint;
        var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.CurrentUserOnly | (OperatingSystem.IsWindows() ? PipeOptions.Asynchronous : PipeOptions.None));
        pipe.Connect(Times.Long);
        return pipe;
    }

    private static void Write(Stream pipe, params WireFrame[] frames) => pipe.Write([.. frames.SelectMany(frame => frame.ToBytes())]);

    private static WireFrame ReadOne(Stream pipe)
    {
        var header = new byte[FrameHeader.Size];
        pipe.ReadExactly(header);
        var body = new byte[BitConverter.ToInt32(header)];
        pipe.ReadExactly(body);
        return Assert.Single(WireFrame.ReadAll([.. header, .. body]));
    }

    /// <summary>Everything up to the end of the stream, which is also the end if the other side did not wait for what was on its way.</summary>
    private static List<WireFrame> ReadToEnd(Stream pipe)
    {
        var frames = new List<WireFrame>();
        var reader = new FrameReader(int.MaxValue);
        var buffer = new byte[1000];
        try
        {
            while (pipe.Read(buffer) is > 0 and var count)
            {
                frames.AddRange(WireFrame.Feed(reader, buffer.AsSpan(0, count)));
            }
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }

        Assert.False(reader.IsInsideFrame);
        return frames;
    }

    private static ErrorCode CodeOf(WireFrame error)
    {
        Assert.Equal(Op.Error, error.Op);
        return (ErrorCode)new BodyReader(error.Body).UInt16();
    }
}
