using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A broker that is stopped answers nothing: calls end by their own clock, and say what is known.</summary>
public sealed class StoppedBrokerTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.9);

    [UnixFact]
    public async Task TimedGet_BrokerStopped_EndsAsUnavailableWithinItsGrace()
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("queue");
        using var stopped = Signals.Stop(broker);

        var watch = Stopwatch.StartNew();
        Assert.Throws<BrokerUnavailableException>(() => queue.Get(Times.Short));
        Assert.True(watch.Elapsed >= Times.Short + Grace);
        await Assert.ThrowsAsync<BrokerUnavailableException>(async () => await queue.GetAsync(Times.Short));
    }

    [UnixFact]
    public async Task CancelledCalls_BrokerStopped_EndAsCancelledAndHaveNoEffectWhenItGoesOn()
    {
        using var broker = QueueBroker.StartProcess();
        using var client = QueueClient.Connect(broker.Endpoint);
        using var queue = client.OpenQueue<int>("queue");
        using (Signals.Stop(broker))
        {
            using var cancel = new CancellationTokenSource();
            using var canceller = new Timer(_ => cancel.Cancel(), null, Times.Short, Timeout.InfiniteTimeSpan);
            Task[] calls =
            [
                Run.OnThread(() => queue.Get(cancel.Token)),
                queue.GetAsync(cancel.Token).AsTask(),
                queue.LeaseAsync(cancel.Token).AsTask(),
                queue.JoinAsync(cancel.Token),
                queue.GetInfoAsync(cancel.Token),
                client.GetQueuesAsync(cancel.Token),
            ];

            foreach (var call in calls)
            {
                var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
                Assert.Equal(cancel.Token, e.CancellationToken);
            }
        }

        queue.Put(1);
        queue.Put(2);
        Assert.Equal([1, 2], queue.GetMany(10, Times.Long));
    }

    /// <summary>A put is the one call that may have had its effect: its item lies in the pipe.</summary>
    [UnixFact]
    public async Task CancelledPut_BrokerStopped_SaysThatItsOutcomeIsUnknown()
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("queue");
        using (Signals.Stop(broker))
        {
            using var cancel = new CancellationTokenSource(Times.Short);

            var e = Assert.Throws<BrokerUnavailableException>(() => queue.Put(1, cancel.Token));
            var again = await Assert.ThrowsAsync<BrokerUnavailableException>(async () =>
            {
                using var later = new CancellationTokenSource(Times.Short);
                await queue.PutAsync(2, Timeout.InfiniteTimeSpan, later.Token);
            });

            Assert.Contains("unknown", e.Message);
            Assert.Contains("unknown", again.Message);
        }

        Assert.Equal(1, queue.Get(Times.Long));
        Assert.Equal(2, queue.Get(Times.Long));
    }
}
