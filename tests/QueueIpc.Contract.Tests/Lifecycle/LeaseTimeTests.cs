using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Simulation;

namespace QueueIpc.Tests.Lifecycle;

/// <summary>How long a lease lasts, in a time of its own: no machine is too busy for it.</summary>
public sealed class LeaseTimeTests : IDisposable
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMilliseconds(100);

    private readonly SimulatedTime _time = new();
    private readonly SimulatedClock _brokersClock;
    private readonly SimulatedClock _holdersClock;
    private readonly SimulatedLink _holdersLink;
    private readonly SessionBroker _broker;
    private readonly IpcQueue<byte[]> _queue;
    private readonly IpcQueue<byte[]> _other;

    public LeaseTimeTests()
    {
        (_brokersClock, _holdersClock) = (new SimulatedClock(_time), new SimulatedClock(_time));
        _broker = new SessionBroker(clock: _brokersClock);
        var options = new QueueOptions { LeaseTime = LeaseTime };
        (_queue, _holdersLink, _) = _broker.Open(_holdersClock, options);
        (_other, _, _) = _broker.Open(new SimulatedClock(_time), options);
        _queue.Put([1]);
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public void Lease_HeldForFiftyTimesItsTime_IsExtendedAndNobodyElseGetsTheItem()
    {
        using var lease = _queue.Lease();

        for (var passed = TimeSpan.Zero; passed < LeaseTime * 50; passed += LeaseTime / 10)
        {
            _holdersClock.Advance(LeaseTime / 10);
            _holdersLink.Pump();
            _brokersClock.RunDue();
            Assert.False(_other.TryGet(out _));
        }

        lease.Ack();
        Assert.Equal((0, 1), (_other.Count, _other.GetInfo().TotalTaken));
    }

    [Fact]
    public void Lease_ItsProcessIsStopped_ComesBackWhenItsTimeIsOverAndNotBefore()
    {
        using var lease = _queue.Lease();

        _brokersClock.Advance(LeaseTime - TimeSpan.FromMicroseconds(1));
        Assert.False(_other.TryLease(out _, TimeSpan.Zero));
        _brokersClock.Advance(TimeSpan.FromMicroseconds(1));

        Assert.True(_other.TryLease(out var again, TimeSpan.Zero));
        Assert.Equal(1, again.Failures);
        Assert.Throws<LeaseLostException>(lease.Ack);
    }
}
