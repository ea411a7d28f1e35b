using QueueIpc.Core.Tests.Model;
using QueueIpc.Protocol;

namespace QueueIpc.Tests.Simulation;

/// <summary>
/// Whole lives of a broker and its clients, each decided by a seed. 2,000 of them run here, and as many as QUEUEIPC_SIMULATION_SEEDS says where it
/// is set (docs/architecture.md has the command). A seed that fails prints itself: it then becomes a test with a name, here or where the fault was.
/// </summary>
public sealed class SimulationTests
{
    private const int SeedsUsually = 2_000;
    private const int StepsEach = 500;

    /// <summary>What must really have gone wrong, or the simulation tests less than it says.</summary>
    private static readonly string[] Faults =
    [
        "fault: a client cut off that did not read",
        "fault: a client leaves in the middle",
        "fault: a client that holds too many",
        "fault: a frame that took too long",
        "fault: a full pipe",
        "fault: a garbled stranger turned away",
        "fault: a handle disposed under its calls",
        "fault: a late clock",
        "fault: a lease expired",
        "fault: a pipe broken under calls",
        "fault: a process killed",
        "fault: a process stopped",
        "fault: a queue deleted under its callers",
        "fault: a silent stranger turned away",
        "fault: a slow reader",
        "fault: a stopped process goes on",
        "fault: a stopped process killed",
        "fault: a waiting put dropped with its client",
        "fault: an answer that came too late",
        "fault: memory came free for a put that waited for it",
        "fault: reordered between connections",
        "fault: the end inside a frame",
        "frame: split",
        "frames: together",
    ];

    [Fact]
    public void Simulation_AnySeed_NothingIsLostDoubledOrStuck()
    {
        var tally = new Tally();
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("QUEUEIPC_SIMULATION_SEEDS"), out var asked) ? asked : SeedsUsually;
        var first = Random.Shared.Next(int.MaxValue - seeds);

        for (var seed = first; seed < first + seeds; seed++)
        {
            RunSeed(seed, tally, number: seed - first + 1);
        }

        foreach (var (what, count) in tally.Counts.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{count,10:N0} {what}");
        }

        if (seeds >= SeedsUsually)
        {
            Assert.All(Faults, fault => Assert.Contains(fault, tally.Counts));
            // Nobody comes back here; the simulation of durable queues has that.
            Assert.All(Enum.GetValues<Op>().Where(op => op < Op.Welcome && op != Op.IsGone), op => Assert.Contains($"op: {op}", tally.Counts));
        }
    }

    [Fact]
    public void Simulation_TheSameSeedTwice_GoesTheSameWay()
    {
        var seed = Random.Shared.Next();

        Assert.Equal(Transcript(seed), Transcript(seed));

        static List<string> Transcript(int seed)
        {
            var transcript = new List<string>();
            new Simulation(seed, new Tally(), transcript).Run(StepsEach);
            return transcript;
        }
    }

    /// <summary>Found by one seed of very many: puts that went together were accepted in part when their handle was disposed, and all of them were told that they were not.</summary>
    [Fact]
    public void Simulation_HandleDisposedUnderPutsAcceptedInPart_EachIsToldTheTruth() => RunSeed(1_575_817_963, new Tally());

    private static void RunSeed(int seed, Tally tally, int number = 1)
    {
        try
        {
            new Simulation(seed, tally).Run(StepsEach);
        }
        catch (Exception first)
        {
            // Once more, with a transcript, which would be too slow to keep for all.
            var transcript = new List<string>();
            var again = Record.Exception(() => new Simulation(seed, new Tally(), transcript).Run(StepsEach));
            Assert.Fail($"Seed {seed} (number {number:N0} of this run): {(again ?? first).Message}\n{string.Join('\n', transcript.TakeLast(60))}\n{first.StackTrace}");
        }
    }
}
