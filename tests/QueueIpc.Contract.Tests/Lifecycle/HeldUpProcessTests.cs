using QueueIpc.Tests.Protocol;
using QueueIpc.Tests.Simulation;

namespace QueueIpc.Tests.Lifecycle;

/// <summary>A process that was stopped, or did not get to run: what the broker answered meanwhile counts, although it is read late.</summary>
public sealed class HeldUpProcessTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);

    private readonly SimulatedTime _time = new();
    private readonly SimulatedClock _brokersClock;
    private readonly SimulatedClock _clock;
    private readonly SimulatedLink _link;
    private readonly SimulatedLink _brokersLink;
    private readonly SessionBroker _broker;
    private readonly IpcQueue<byte[]> _queue;

    public HeldUpProcessTests()
    {
        (_brokersClock, _clock) = (new SimulatedClock(_time), new SimulatedClock(_time));
        _broker = new SessionBroker(clock: _brokersClock);
        (_queue, _link, _brokersLink) = _broker.Open(_clock);
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task TryGetAsync_ProcessGoesOnLongAfterTheAnswerCame_TheAnswerCounts()
    {
        var get = _queue.TryGetAsync(Timeout).AsTask();
        _link.IsDirect = _brokersLink.IsDirect = false;
        _brokersClock.Advance(TimeSpan.FromSeconds(5));

        _clock.RunDue();
        Assert.False(get.IsCompleted);
        _link.Pump();

        Assert.False((await get).Success);
    }

    [Fact]
    public async Task TryGetAsync_BrokerDoesNotAnswer_EndsWithinASecondOfItsTime()
    {
        var get = _queue.TryGetAsync(Timeout).AsTask();
        _link.IsDirect = _brokersLink.IsDirect = false;

        _clock.Advance(Timeout + TimeSpan.FromSeconds(0.8));
        Assert.False(get.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.15));

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => get);
    }

    [Fact]
    public async Task TryGetAsync_ProcessWasHeldUpAndTheBrokerDoesNotAnswer_EndsAWhileAfterItGoesOn()
    {
        var get = _queue.TryGetAsync(Timeout).AsTask();
        _link.IsDirect = _brokersLink.IsDirect = false;
        _time.Now += 5_000_000;
        _clock.RunDue();
        Assert.False(get.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await Assert.ThrowsAsync<BrokerUnavailableException>(() => get);
    }
}
