using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Core.Tests;

public sealed class QueueMachineModelTests(ITestOutputHelper output)
{
    private const int Sequences = 20_000;
    private const int StepsEach = 50;

    [Fact]
    public void Machine_RandomSequences_DoesWhatTheModelDoes()
    {
        var tally = new Tally();
        var first = Random.Shared.Next(int.MaxValue - Sequences);
        for (var seed = first; seed < first + Sequences; seed++)
        {
            RunOne(seed, tally);
        }

        foreach (var (what, count) in tally.Counts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{count,9} {what}");
        }
    }

    private static void RunOne(int seed, Tally tally)
    {
        try
        {
            new RandomSequence(seed, tally).Run(StepsEach);
        }
        catch (Exception first)
        {
            // Once more, with a transcript, which would be too slow to keep for all.
            var transcript = new List<string>();
            var again = Record.Exception(() => new RandomSequence(seed, new Tally(), transcript).Run(StepsEach));
            Assert.Fail($"Seed {seed}: {(again ?? first).Message}\n{string.Join('\n', transcript)}\n{first.StackTrace}");
        }
    }
}
