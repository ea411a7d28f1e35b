using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>Requests that are frames in order, with values that no good client has: each gets the answer of docs/protocol.md, and the connection goes on.</summary>
public sealed class OddRequestTests(AttackedBroker broker) : IClassFixture<AttackedBroker>
{
    private const ulong Request = 50;

    /// <summary>Stands for the token of the one lease that is held.</summary>
    private const string TokenHex = "(the token there)";

    private ulong _token;

    public static TheoryData<string, byte> Names => new()
    {
        { "", 0 },
        { "../../etc/passwd", 0 },
        { "/tmp/x", 0 },
        { new string('n', ProtocolLimits.NameCharsMax), 0 },
        { new string('n', ProtocolLimits.NameCharsMax + 1), (byte)ErrorCode.BadName },
        { new string('n', 60_000), (byte)ErrorCode.BadName },
        { "a\0b", (byte)ErrorCode.BadName },
        { "a\r\nb", (byte)ErrorCode.BadName },
        { "~0123456789abcdef0123456789abcdef", (byte)ErrorCode.NoSuchQueue },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_NameOfAnyKind_IsOnlyAName(string name, byte refusedWith)
    {
        using var client = RawClient.Greeted(broker.Endpoint);

        AssertAnswer(refusedWith == 0 ? Op.Opened : Op.Refused, refusedWith, Ask(client, Op.Open, 0, to => EveryFrame.OpenAs(to, name, null)));

        AssertGoesOn(client);
    }

    public static TheoryData<string, int, long, long, int, byte> Settings => new()
    {
        { "capacity -1", -1, 0, 0, 0, (byte)ErrorCode.BadValue },
        { "capacity of all", int.MaxValue, 0, 0, 0, 0 },
        { "bytes -1", 0, -1, 0, 0, (byte)ErrorCode.BadValue },
        { "bytes of all", 0, long.MaxValue, 0, 0, 0 },
        { "lease of -1", 0, 0, -1, 0, (byte)ErrorCode.BadValue },
        { "lease of a microsecond", 0, 0, 1, 0, (byte)ErrorCode.BadValue },
        { "lease of 9,999 microseconds", 0, 0, 9_999, 0, (byte)ErrorCode.BadValue },
        { "lease of 10,000 microseconds", 0, 0, 10_000, 0, 0 },
        { "lease of all time", 0, 0, long.MaxValue, 0, 0 },
        { "failures -1", 0, 0, 0, -1, (byte)ErrorCode.BadValue },
        { "failures 65,536", 0, 0, 0, 65_536, (byte)ErrorCode.BadValue },
        { "failures 65,535", 0, 0, 0, 65_535, 0 },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Open_SettingsAtAndBeyondTheirEnds_OpenedOrRefused(string name, int capacity, long maxBytes, long leaseTime, int maxFailures, byte refusedWith)
    {
        using var client = RawClient.Greeted(broker.Endpoint);

        var answer = Ask(client, Op.Open, 0, to =>
        {
            to.Text(name);
            to.Bool(true);
            to.Int32(capacity);
            to.Int64(maxBytes);
            to.Int64(leaseTime);
            to.Int32(maxFailures);
        });

        AssertAnswer(refusedWith == 0 ? Op.Opened : Op.Refused, refusedWith, answer);
        AssertGoesOn(client);
    }

    public static TheoryData<string, byte, byte, byte, string> Values => new()
    {
        { "no items", (byte)Op.Put, (byte)Op.Done, 0, "0000000000000000" + "00000000" },
        { "an overflowing wait", (byte)Op.Put, (byte)Op.Done, 0, "FFFFFFFFFFFFFF7F" + "01000000" + "00000000" },
        { "the longest wait", (byte)Op.Get, (byte)Op.Items, 0, "FFFFFFFFFFFFFF7F" + "01000000" },
        { "the most negative wait", (byte)Op.Get, (byte)Op.Items, 0, "0000000000000080" + "01000000" },
        { "all items at once", (byte)Op.Get, (byte)Op.Items, 0, "0000000000000000" + "FFFFFF7F" },
        { "no items to get", (byte)Op.Get, (byte)Op.Refused, (byte)ErrorCode.BadValue, "0000000000000000" + "00000000" },
        { "less than no items", (byte)Op.Get, (byte)Op.Refused, (byte)ErrorCode.BadValue, "0000000000000000" + "00000080" },
        { "a window of -1", (byte)Op.Subscribe, (byte)Op.Refused, (byte)ErrorCode.BadValue, "FFFFFFFF" + "0000000000000000" },
        { "a window of -1 bytes", (byte)Op.Subscribe, (byte)Op.Refused, (byte)ErrorCode.BadValue, "01000000" + "FFFFFFFFFFFFFFFF" },
        { "the largest window", (byte)Op.Subscribe, (byte)Op.Items, 0, "FFFFFF7F" + "FFFFFFFFFFFFFF7F" },
        { "no dead items", (byte)Op.GetDead, (byte)Op.Refused, (byte)ErrorCode.BadValue, "00000000" },
        { "all dead items", (byte)Op.GetDead, (byte)Op.DeadItems, 0, "FFFFFF7F" },
        { "a delay of -1", (byte)Op.Nack, (byte)Op.Refused, (byte)ErrorCode.BadValue, "FFFFFFFFFFFFFFFF" + "01000000" + TokenHex },
        { "an overflowing delay", (byte)Op.Nack, (byte)Op.Done, 0, "FFFFFFFFFFFFFF7F" + "01000000" + TokenHex },
        { "an extension of -1", (byte)Op.Extend, (byte)Op.Refused, (byte)ErrorCode.BadValue, "FFFFFFFFFFFFFFFF" + "01000000" + TokenHex },
        { "an extension of 0", (byte)Op.Extend, (byte)Op.Done, 0, "0000000000000000" + "01000000" + TokenHex },
        { "an overflowing extension", (byte)Op.Extend, (byte)Op.Done, 0, "FFFFFFFFFFFFFF7F" + "01000000" + TokenHex },
        { "no tokens", (byte)Op.Ack, (byte)Op.Done, 0, "00000000" },
        { "the same token twice", (byte)Op.Ack, (byte)Op.LeaseLost, 0, "02000000" + TokenHex + TokenHex },
        { "a reason that is too long", (byte)Op.DeadLetter, (byte)Op.Refused, (byte)ErrorCode.BadValue, "0104" + string.Concat(Enumerable.Repeat("78", 1025)) + "01000000" + TokenHex },
    };

    /// <summary>On a queue with one item that this client has leased, and one that is ready.</summary>
    [Theory]
    [MemberData(nameof(Values))]
    public void Request_ValueAtOrBeyondItsEnd_IsAnsweredAsDocumented(string name, byte op, byte answeredBy, byte refusedWith, string bodyHex)
    {
        using var client = RawClient.Greeted(broker.Endpoint);
        var queue = OpenWithALeaseAndAnItem(client, $"values, {name}");

        var token = Convert.ToHexString(BitConverter.GetBytes(_token));
        client.Send(new WireFrame((Op)op, 0, queue, Request, bodyHex.Replace(TokenHex, token, StringComparison.Ordinal)).ToBytes());

        AssertAnswer((Op)answeredBy, refusedWith, client.ReadAnswer());
        AssertGoesOn(client);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("max")]
    [InlineData("random")]
    [InlineData("of the next generation")]
    [InlineData("of a slot to come")]
    [InlineData("of another connection")]
    public void Verdict_OnATokenOfSomebodyElseOrOfNobody_LeaseLostAndNothingChanges(string name)
    {
        using var holder = RawClient.Greeted(broker.Endpoint);
        using var thief = RawClient.Greeted(broker.Endpoint);
        var held = OpenWithALeaseAndAnItem(holder, $"tokens, {name}");
        var stolen = thief.OpenQueue($"tokens, {name}");
        var token = name switch
        {
            "0" => 0UL,
            "max" => ulong.MaxValue,
            "random" => 0x9E37_79B9_7F4A_7C15UL,
            "of the next generation" => _token + (1UL << 32),
            "of a slot to come" => _token + 1_000,
            _ => _token,
        };

        foreach (var verdict in EveryFrame.OfClient.Where(frame => frame.Op is Op.Ack or Op.Nack or Op.Release or Op.Extend or Op.DeadLetter).DistinctBy(frame => frame.Op))
        {
            AssertCount(Op.LeaseLost, 0, Ask(thief, verdict.Op, stolen, to => Verdict(to, verdict.Op, token)));
        }

        AssertCount(Op.Done, 1, Ask(holder, Op.Ack, held, to => EveryFrame.Tokens(to, _token)));
    }

    [Theory]
    [InlineData((byte)Op.Ack, (byte)Op.Ack)]
    [InlineData((byte)Op.Ack, (byte)Op.Nack)]
    [InlineData((byte)Op.Nack, (byte)Op.Ack)]
    [InlineData((byte)Op.Release, (byte)Op.DeadLetter)]
    [InlineData((byte)Op.DeadLetter, (byte)Op.Extend)]
    public void Verdict_ASecondTime_LeaseLostAndNothingChanges(byte first, byte second)
    {
        using var client = RawClient.Greeted(broker.Endpoint);
        var queue = OpenWithALeaseAndAnItem(client, $"twice, {first} {second}");

        AssertCount(Op.Done, 1, Ask(client, (Op)first, queue, to => Verdict(to, (Op)first, _token)));

        AssertCount(Op.LeaseLost, 0, Ask(client, (Op)second, queue, to => Verdict(to, (Op)second, _token)));
        AssertGoesOn(client);
    }

    [Fact]
    public void Flags_ThatAreReserved_AreIgnored()
    {
        using var client = RawClient.Greeted(broker.Endpoint);
        var queue = client.OpenQueue("flags");

        client.Send(WireFrame.Make(Op.Info, queue, Request, flags: 0xFE).ToBytes());

        AssertAnswer(Op.QueueInfos, 0, client.ReadAnswer());
    }

    private uint OpenWithALeaseAndAnItem(RawClient client, string name)
    {
        var queue = client.OpenQueue(name);
        AssertCount(Op.Done, 2, Ask(client, Op.Put, queue, to => EveryFrame.PutItems(to, [1], [2])));
        client.Send(WireFrame.Make(Op.Get, queue, Request, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 1)).ToBytes());
        var items = client.ReadAnswer();
        AssertAnswer(Op.Items, 0, items);
        _token = BitConverter.ToUInt64(items.Body, sizeof(int));
        return queue;
    }

    private static RawClient.Answer Ask(RawClient client, Op op, uint queue, Action<OutBuffer> write)
    {
        client.Send(WireFrame.Make(op, queue, Request, write: write).ToBytes());
        return client.ReadAnswer();
    }

    private static void Verdict(OutBuffer to, Op op, ulong token)
    {
        if (op is Op.Nack or Op.Extend)
        {
            to.Int64(0);
        }
        else if (op == Op.DeadLetter)
        {
            to.Text("no");
        }

        EveryFrame.Tokens(to, token);
    }

    private static void AssertAnswer(Op op, byte refusedWith, RawClient.Answer answer)
    {
        Assert.Equal((op, Request), ((Op)answer.Op, answer.Request));
        Assert.Equal(refusedWith, op == Op.Refused ? answer.RefusedWith : 0);
    }

    private static void AssertCount(Op op, long count, RawClient.Answer answer) =>
        Assert.Equal((op, Request, count), ((Op)answer.Op, answer.Request, BitConverter.ToInt64(answer.Body)));

    private void AssertGoesOn(RawClient client)
    {
        AssertAnswer(Op.QueueInfos, 0, Ask(client, Op.List, 0, _ => { }));
        broker.AssertUnharmed();
    }
}
