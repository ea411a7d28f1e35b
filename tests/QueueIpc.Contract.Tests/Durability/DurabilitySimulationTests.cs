using QueueIpc.Core.Tests.Model;

namespace QueueIpc.Tests.Durability;

/// <summary>
/// Whole lives of a durable queue, each decided by a seed, with the broker killed at any step. 2,000 of them run here, and as many as
/// QUEUEIPC_SIMULATION_SEEDS says where it is set.
/// </summary>
public sealed class DurabilitySimulationTests(ITestOutputHelper output)
{
    private const int SeedsUsually = 2_000;
    private const int StepsEach = 300;

    /// <summary>What must really have happened, or the simulation tests less than it says.</summary>
    private static readonly string[] Events =
    [
        "Ack", "Nack", "Release", "DeadLetter", "put", "put while the disk is full", "kept something", "items arrived",
        "crash: something was not kept", "crash: all was kept", "came back and put again", "came back and asked for an ack", "end: completed", "end: open",
    ];

    [Fact]
    public void Case70_DurableQueue_BrokerKilledAtAnyStep_WhatWasSaidIsTrue()
    {
        var tally = new Tally();
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("QUEUEIPC_SIMULATION_SEEDS"), out var asked) ? asked : SeedsUsually;
        var first = Random.Shared.Next(int.MaxValue - seeds);

        for (var seed = first; seed < first + seeds; seed++)
        {
            RunSeed(seed, tally);
        }

        Assert.All(Events, what => Assert.Contains(what, tally.Counts));
    }

    /// <summary>Otherwise the zeros above say nothing of what is read back.</summary>
    [Theory]
    [InlineData(nameof(ReadingFault.Never))]
    [InlineData(nameof(ReadingFault.Late))]
    [InlineData(nameof(ReadingFault.Reversed))]
    [InlineData(nameof(ReadingFault.Short))]
    public void Case70_DiskBringsItemsNeverLateOrWrong_IsFound(string planted)
    {
        const int Seeds = 100;
        var first = Random.Shared.Next(int.MaxValue - Seeds);

        var found = Enumerable.Range(first, Seeds).Count(seed => Record.Exception(() => Live(seed, new Tally(), fault: Enum.Parse<ReadingFault>(planted))) is not null);

        output.WriteLine($"Seeds {first} to {first + Seeds - 1}: found in {found}");
        Assert.InRange(found, 1, Seeds);
    }

    private static void Live(int seed, Tally tally, List<string>? transcript = null, ReadingFault fault = ReadingFault.None)
    {
        using var life = new DurableLife(seed, tally, transcript, fault);
        life.Run(StepsEach);
    }

    private static void RunSeed(int seed, Tally tally)
    {
        try
        {
            Live(seed, tally);
        }
        catch (Exception first)
        {
            var transcript = new List<string>();
            var again = Record.Exception(() => Live(seed, new Tally(), transcript));
            Assert.Fail($"Seed {seed}: {(again ?? first).Message}\n{string.Join('\n', transcript.TakeLast(80))}\n{first.StackTrace}");
        }
    }
}
