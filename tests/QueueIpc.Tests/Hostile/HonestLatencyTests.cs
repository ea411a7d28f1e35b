using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Hostile;

/// <summary>
/// How much an honest client notices of an attack. Attackers need the processor, whatever they attack, and this machine has few; so they work all the
/// time: now against the honest client's broker, now against another one. What differs between the two is the broker's doing.
/// </summary>
public sealed class HonestLatencyTests(ITestOutputHelper output)
{
    private const int Phases = 12;
    private static readonly TimeSpan PhaseTime = TimeSpan.FromMilliseconds(250);

    /// <summary>Below this, one more or less turn of the scheduler is all the difference there is.</summary>
    private const double NoiseMicros = 200;

    [Fact]
    public async Task HonestClient_BrokerIsAttacked_P99AtMostDoubles()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        using var broker = new AttackedBroker();
        using var decoy = new AttackedBroker();
        var victim = decoy.Endpoint;
        var (isOver, attacks) = (false, 0);
        var attacking = Run.OnThread(() =>
        {
            for (var (random, i) = (new Random(seed), 0); !Volatile.Read(ref isOver); i++)
            {
                Attack.All[i % Attack.All.Count].On(Volatile.Read(ref victim), random);
                Interlocked.Increment(ref attacks);
            }
        });
        var (calm, attacked) = (new List<double>(), new List<double>());
        for (var phase = 0; phase < 2 * Phases; phase++)
        {
            Volatile.Write(ref victim, phase % 2 == 0 ? decoy.Endpoint : broker.Endpoint);
            var before = attacks;
            (phase % 2 == 0 ? calm : attacked).Add(P99(await broker.Honest.MeasureFor(PhaseTime)));
            Assert.True(attacks > before, "nobody attacked");
        }

        Volatile.Write(ref isOver, true);
        await attacking.WaitAsync(Times.Long);
        output.WriteLine($"{attacks} attacks; p99 in us, calm: {Describe(calm)}; attacked: {Describe(attacked)}");
        Assert.InRange(Median(attacked), 0, (2 * Median(calm)) + NoiseMicros);
    }

    private static double P99(List<double> latencies) => latencies.Order().ElementAt(latencies.Count * 99 / 100);

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Phases / 2);

    private static string Describe(List<double> values) => $"{Median(values):0} ({string.Join(' ', values.Select(value => $"{value:0}"))})";
}
