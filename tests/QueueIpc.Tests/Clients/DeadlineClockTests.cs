using System.Runtime.CompilerServices;
using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Simulation;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Clients;

public sealed class DeadlineClockTests : IDisposable
{
    private readonly DeadlineClock _clock = new();

    public void Dispose() => _clock.Dispose();

    [Fact]
    public void Schedule_SeveralMoments_CallsOnceAtTheFirst()
    {
        using var called = new SemaphoreSlim(0);
        var due = new Called(called);
        var begun = _clock.Now;

        _clock.Schedule(due, begun + 3_600_000_000);
        _clock.Schedule(due, begun + 20_000);
        _clock.Schedule(due, begun + 40_000);

        Assert.True(called.Wait(Times.Long));
        Assert.InRange(due.At, begun + 20_000, long.MaxValue);
        Assert.False(called.Wait(Times.Short));
    }

    [Fact]
    public void Forget_BeforeItsTime_IsNeitherCalledNorKept()
    {
        using var called = new SemaphoreSlim(0);
        var kept = ScheduleAndForget(called);

        Assert.False(called.Wait(Times.Short));
        Eventually.True(() =>
        {
            GC.Collect();
            return !kept.IsAlive;
        });
    }

    [Theory]
    [InlineData(Op.Get)]
    [InlineData(Op.Put)]
    public void Queue_DeletedBeforeItsDeadlines_IsNotKeptUntilThen(object op)
    {
        var clock = new SimulatedClock(new SimulatedTime());
        using var broker = new SessionBroker(new QueueBrokerOptions(), clock);
        var client = broker.ConnectAndOpen(capacity: 1);
        clock.Advance(TimeSpan.FromSeconds(10)); // past the greeting's deadline
        var hour = 3_600_000_000;
        if ((Op)op == Op.Get)
        {
            Assert.Empty(client.Ask(Op.Get, 1, 11, write: to => EveryFrame.Wait(to, hour, 1)));
        }
        else
        {
            Assert.Equal(Op.Done, client.AskOne(Op.Put, 1, 11, write: to => EveryFrame.PutItems(to, [1])).Op);
            Assert.Equal(Op.Items, client.AskOne(Op.Get, 1, 12, FrameHeader.LeaseFlag, to => EveryFrame.Wait(to, 0, 1)).Op);
        }

        Assert.True(clock.NextDue < long.MaxValue);

        client.Ask(Op.Delete, 0, 13, write: to => to.Text("jobs"));

        Assert.Equal(long.MaxValue, clock.NextDue);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference ScheduleAndForget(SemaphoreSlim called)
    {
        var due = new Called(called);
        _clock.Schedule(due, _clock.Now + 60_000_000);
        _clock.Forget(due);
        return new WeakReference(due);
    }

    private sealed class Called(SemaphoreSlim called) : Due
    {
        public long At { get; private set; }

        public override void OnDue(long now)
        {
            At = now;
            called.Release();
        }
    }
}
