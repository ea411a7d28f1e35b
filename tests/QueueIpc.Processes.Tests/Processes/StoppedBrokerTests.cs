using System.Diagnostics;
using MessagePack;
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

    [UnixFact]
    public async Task ChannelRead_BrokerStopped_KeepsNoThreadAndHeedsItsToken()
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("queue");
        using var stopped = Signals.Stop(broker);
        using var cancel = new CancellationTokenSource();

        var watch = Stopwatch.StartNew();
        var read = queue.Reader.ReadAsync(cancel.Token);
        Assert.True(watch.Elapsed < Grace, "it kept its thread");
        await cancel.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.AsTask().WaitAsync(Times.Long));
        Assert.Equal(cancel.Token, e.CancellationToken);
    }

    /// <summary>A put is the one call that may have had its effect: its item lies in the pipe.</summary>
    [UnixFact]
    public async Task CancelledPut_BrokerStopped_SaysThatItsOutcomeIsUnknown()
    {
        using var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<Cancelling>("queue");
        queue.Put(new Cancelling { Number = 0 });
        using (Signals.Stop(broker))
        {
            // Cancelled while the item is being written: after the call has looked at its token, and before it waits.
            using var cancel = new CancellationTokenSource();
            var e = Assert.Throws<BrokerUnavailableException>(() => queue.Put(new Cancelling { Number = 1, Cancel = cancel }, cancel.Token));
            using var later = new CancellationTokenSource();
            var put = queue.PutAsync(new Cancelling { Number = 2 }, Timeout.InfiniteTimeSpan, later.Token).AsTask();
            await later.CancelAsync();
            var again = await Assert.ThrowsAsync<BrokerUnavailableException>(() => put);

            Assert.Contains("unknown", e.Message);
            Assert.Contains("unknown", again.Message);
        }

        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(_ => queue.Get(Times.Long).Number));
    }

    /// <summary>The clock and the session wake up together then, and what lies in the pipe came in time.</summary>
    [UnixFact]
    public void Greeting_BrokerStoppedUntilItsTimeIsOver_IsHeardAllTheSame()
    {
        const int Newcomers = 30;
        using var broker = QueueBroker.StartProcess(new QueueBrokerOptions { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        using var queue = broker.OpenQueue<int>("queue");
        var newcomers = Enumerable.Range(0, Newcomers).Select(_ => new RawClient(broker.Endpoint)).ToArray();

        // Accepted after them, so all of them are: from here on their time runs.
        QueueClient.Connect(broker.Endpoint).Dispose();
        using (Signals.Stop(broker))
        {
            Assert.All(newcomers, one => one.Send(RawClient.Frame(RawClient.Hello, 0, 1, RawClient.HelloBody)));
            Assert.Throws<BrokerUnavailableException>(() => queue.Get(Times.Short));
        }

        Assert.All(newcomers, one => Assert.Equal(RawClient.Welcome, one.ReadFrame().Op));
        Assert.All(newcomers, one => one.Dispose());
    }

    /// <summary>An item that gives its own put up, in the middle of it.</summary>
    public sealed class Cancelling
    {
        [IgnoreMember]
        public CancellationTokenSource? Cancel { get; init; }

        public int Number
        {
            get
            {
                Cancel?.Cancel();
                return field;
            }

            set;
        }
    }
}
