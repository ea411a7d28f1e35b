using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Core.Tests;

public sealed class QueueMachineModelTests
{
    private const int Sequences = 30_000;
    private const int StepsEach = 50;

    /// <summary>All that the sequences must have brought about, or they test less than they say; and nothing else happens.</summary>
    private static readonly string[] Outcomes =
    [
        .. For("ack", "advance", "dead-letter", "extend", "nack", "nack with delay", "reject", "release", "return").Of(": True", ": False"),
        .. For("clear", "delete dead", "delete some dead", "redrive", "redrive some").Of(": some", ": none"),
        .. For("put", "put of none", "put of several").Of(
            " Accepted at once", " Accepted later", " Full at once", " Full later", " Completed at once", " Completed later",
            " Deleted at once", " Deleted later", " Cancelled later"),
        .. For("put", "put of several").Of(" NeverFits at once", " NeverFits later"),
        .. For("put of several").Of(
            " Full at once, in part", " Full later, in part", " Completed later, in part", " Deleted later, in part",
            " Cancelled later, in part", " NeverFits later, in part"),
        .. For("get", "lease").Of(
            " TooManyHeld at once", " TooManyHeld later", " Delivered at once", " Delivered later", " Empty at once", " Empty later", " Completed at once", " Completed later",
            " Deleted at once", " Deleted later", " Cancelled later"),
        .. For("subscription").Of(
            " TooManyHeld at once", " Delivered", " Delivered a lease", " Recall", " Completed at once", " Completed later", " Deleted at once", " Deleted later",
            " Cancelled later"),
        .. For("join").Of(
            " Joined at once", " Joined later", " TimedOut at once", " TimedOut later", " Deleted at once", " Deleted later",
            " Cancelled later"),
        .. For("nack with delay: then ").Of("Delayed", "Ready", "Held", "Dead", "Gone"),
        .. For("item: ").Of("delivered first", "delivered again", "delivered after a failure"),
        .. For("dead: ").Of(
            "its lease expired", "its consumers failed with it", "it is cold", "its consumer ended without settling it", "no good", "unreadable"),
        .. For("cancel: ").Of("in time", "too late"),
        .. For("complete: ").Of("drain", "discard"),
        .. For("tick: ").Of("something due", "nothing due"),
        .. For("resume: ").Of("starved", "not starved"),
        .. For("restart: ").Of("idle", "something was held or waited for"),
        .. For("arrive: ").Of("wanted", "cleared meanwhile"),
        "update",
        "detach: request dropped",
        "delete",
    ];

    [Fact]
    public void Machine_RandomSequences_DoesWhatTheModelDoes()
    {
        var tally = new Tally();
        var first = Random.Shared.Next(int.MaxValue - Sequences);

        for (var seed = first; seed < first + Sequences; seed++)
        {
            RunSequence(seed, tally);
        }

        Assert.Equal(Outcomes.Order(StringComparer.Ordinal), tally.Counts.Keys.Order(StringComparer.Ordinal));
    }

    private static void RunSequence(int seed, Tally tally)
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

    private static Subjects For(params string[] names) => new(names);

    private sealed record Subjects(string[] Names)
    {
        public IEnumerable<string> Of(params string[] outcomes) => Names.SelectMany(name => outcomes.Select(outcome => name + outcome));
    }
}
