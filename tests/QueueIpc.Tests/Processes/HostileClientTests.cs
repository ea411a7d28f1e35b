using QueueIpc.Protocol;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>Whatever one client sends, its connection alone pays for it; an honest one is served all the while.</summary>
public sealed class HostileClientTests(ITestOutputHelper output)
{
    private const int Attacks = 300;

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Connect_RandomBytes_EndThatConnectionWithACodeAndAnHonestClientIsServedAllTheWhile(BrokerPlace place)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var broker = place.StartBroker();
        using var honest = new HonestClient(broker.Endpoint);
        var codes = new HashSet<ErrorCode>();

        for (var i = 0; i < Attacks; i++)
        {
            // Random bytes announce an enormous body. One in two gets a length that can be true, one in four the reserved zeros as well.
            var bytes = new byte[random.Next(20, 1000)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
            {
                BitConverter.TryWriteBytes(bytes, bytes.Length - 20);
            }

            if (i % 4 == 0)
            {
                bytes[6] = bytes[7] = 0;
            }

            using var hostile = new RawClient(broker.Endpoint);
            hostile.Send(bytes);
            codes.Add((ErrorCode)hostile.ReadErrorAndEnd());
        }

        Assert.All(codes, code => Assert.True(Enum.IsDefined(code)));
        Assert.Contains(ErrorCode.FrameTooLarge, codes);
        Assert.Contains(ErrorCode.NotGreeted, codes);
        honest.AssertServed();
    }

    [Theory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Connect_SilentClient_IsToldAfterTheHandshakeTimeoutAndAnHonestClientIsServedAllTheWhile(BrokerPlace place)
    {
        using var broker = place.StartBroker(new QueueBrokerOptions { HandshakeTimeout = Times.Short });
        using var honest = new HonestClient(broker.Endpoint);
        using var silent = new RawClient(broker.Endpoint);
        using var slow = new RawClient(broker.Endpoint);
        slow.Send(RawClient.Frame(RawClient.Hello, 0, 1, RawClient.HelloBody).AsSpan(0, 10));

        Assert.Equal(ErrorCode.HandshakeTimeout, (ErrorCode)silent.ReadErrorAndEnd());
        Assert.Equal(ErrorCode.HandshakeTimeout, (ErrorCode)slow.ReadErrorAndEnd());
        honest.AssertServed();
    }

    /// <summary>Puts and gets on a connection of its own until it is asked how that went.</summary>
    private sealed class HonestClient : IDisposable
    {
        private readonly QueueClient _client;
        private readonly Task _work;
        private volatile bool _stop;
        private int _rounds;

        public HonestClient(string endpoint)
        {
            _client = QueueClient.Connect(endpoint);
            _work = Run.OnThread(Work);
            Eventually.True(() => Volatile.Read(ref _rounds) > 0);
        }

        public void AssertServed()
        {
            var before = Volatile.Read(ref _rounds);
            Eventually.True(() => Volatile.Read(ref _rounds) > before);
            _stop = true;
            _work.GetAwaiter().GetResult();
        }

        public void Dispose()
        {
            _stop = true;
            _client.Dispose();
        }

        private void Work()
        {
            using var queue = _client.OpenQueue<int>("queue");
            for (var i = 0; !_stop; i++)
            {
                queue.Put(i, Times.Long);
                Assert.Equal(i, queue.Get(Times.Long));
                Interlocked.Increment(ref _rounds);
            }
        }
    }
}
