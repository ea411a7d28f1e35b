using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Simulation;

namespace QueueIpc.Tests.Durability;

/// <summary>A disk that takes its time holds up what must be on it, and nothing else.</summary>
public sealed class SlowDiskTests
{
    private const uint Queue = 1;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void TimeoutsWhileNothingIsFlushed_AreAnsweredInTime()
    {
        using var store = new ForgetfulStore(new Nearness(KeptBytes: 1000, AheadBytes: 1000));
        var clock = new SimulatedClock(new SimulatedTime());
        using var broker = new SessionBroker(clock: clock, store: store);
        var client = broker.ConnectAndOpen(capacity: 1);
        store.Keep(store.Pending);
        Assert.Equal(Op.Opened, Assert.Single(client.Take()).Op);
        Put(client, 10, TimeSpan.Zero);
        Get(client, 11);
        Get(client, 12);

        clock.Advance(Wait);

        Assert.Equal([(Op.Empty, 12)], Answers(client));
        Put(client, 13, TimeSpan.Zero);
        Put(client, 14, Wait);
        client.Send(WireFrame.Make(Op.Join, Queue, 15, 0, to => to.Int64((long)Wait.TotalMicroseconds)));

        clock.Advance(Wait);

        Assert.Equal([(Op.Full, 14), (Op.TimedOut, 15)], Answers(client));
        store.Keep(store.Pending);
        Assert.Equal([(Op.Done, 10), (Op.Items, 11), (Op.Done, 13)], Answers(client));
    }

    private static IEnumerable<(Op Op, int Request)> Answers(SessionClient client) => client.Take().Select(answer => (answer.Op, (int)answer.Request)).OrderBy(answer => answer.Item2);

    private static void Get(SessionClient client, ulong request) => client.Send(WireFrame.Make(Op.Get, Queue, request, 0, to => EveryFrame.Wait(to, (long)Wait.TotalMicroseconds, 1)));

    private static void Put(SessionClient client, ulong request, TimeSpan wait) => client.Send(WireFrame.Make(Op.Put, Queue, request, 0, to =>
    {
        to.Int64((long)wait.TotalMicroseconds);
        EveryFrame.Items(to, withTokens: false, [1]);
    }));
}
