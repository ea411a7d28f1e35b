using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>Bytes that are no frame, or the wrong one: their connection ends with the code that docs/protocol.md has for it, and nobody else notices.</summary>
public sealed class MalformedFrameTests(AttackedBroker broker, ITestOutputHelper output) : IClassFixture<AttackedBroker>
{
    private const int Frames = 10_000;
    private const int Attackers = 2;

    public static TheoryData<string> Names => [.. Attack.All.Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Connection_ThatSaysWhatItMustNot_EndsWithItsCode(string name)
    {
        var attack = Attack.All.Single(attack => attack.Name == name);

        Assert.Equal(attack.Code, attack.On(broker.Endpoint, NewRandom()));
        broker.AssertUnharmed();
    }

    [Fact]
    public async Task Connections_TenThousandThatSayWhatTheyMustNot_EachEndsWithItsCode()
    {
        var seed = NewRandom().Next();
        var codes = await Task.WhenAll(Enumerable.Range(0, Attackers).Select(attacker => Run.OnThread(() =>
        {
            var random = new Random(seed + attacker);
            return Enumerable.Range(0, Frames / Attackers).Select(i => Attack.All[i % Attack.All.Count]).Select(attack =>
            {
                var code = attack.On(broker.Endpoint, random);
                Assert.True(attack.Code == code, $"{attack.Name}: {code} instead of {attack.Code}");
                return code;
            }).CountBy(code => code).ToList();
        })));

        foreach (var (code, count) in codes.SelectMany(counts => counts).GroupBy(count => count.Key, count => count.Value).Select(counts => (counts.Key, counts.Sum())))
        {
            output.WriteLine($"{code}: {count}");
        }

        Assert.Equal(Frames, codes.SelectMany(counts => counts).Sum(count => count.Value));
        output.WriteLine($"resident: {broker.ResidentBytes >> 20} MiB");
        broker.AssertUnharmed();
    }

    [Fact]
    public void Connection_EveryFrameCutAtEveryByteAndThenTheEnd_IsUndoneInSilence()
    {
        var cuts = 0;
        foreach (var frame in EveryFrame.OfClient)
        {
            var bytes = frame.ToBytes();
            for (var length = 1; length < bytes.Length; length++, cuts++)
            {
                using var hostile = new RawClient(broker.Endpoint);
                if (frame.Op != Op.Hello)
                {
                    hostile.Send(Attack.Greeting);
                }

                hostile.Send(bytes.AsSpan(0, length));
            }
        }

        output.WriteLine($"{cuts} cuts");
        Assert.True(cuts > 700);
        broker.AssertUnharmed();
        using var witness = QueueClient.Connect(broker.Endpoint);
        Eventually.True(() => witness.GetQueues().All(queue => queue.Leased == 0 && queue.WaitingPuts == 0));
    }

    [Fact]
    public void Connection_FrameBehindABadOne_IsNotHandled()
    {
        using var hostile = new RawClient(broker.Endpoint);

        hostile.Send([.. Attack.Greeting, .. RawClient.Frame(99, 1, 3, []), .. RawClient.Frame(RawClient.Put, 1, 4, RawClient.PutBody([1]))]);

        Assert.Equal(RawClient.Welcome, hostile.ReadFrame().Op);
        Assert.Equal(RawClient.Opened, hostile.ReadFrame().Op);
        Assert.Equal(ErrorCode.UnknownOp, (ErrorCode)hostile.ReadErrorAndEnd());
        using var queue = IpcQueue.Open<byte[]>(broker.Endpoint, "jobs");
        Assert.Equal(0, queue.GetInfo().TotalPut);
    }

    private Random NewRandom()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }
}
