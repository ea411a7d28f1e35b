using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>Owners that die at any moment, from their first instruction on, in any way: what they had started ends with them, and their files go.</summary>
public sealed class OrphanTests(ITestOutputHelper output)
{
    private const int Trials = 100;
    private const int AtATime = 5;
    private const int WithBrokerMin = 20;
    private const string Variable = "QUEUEIPC_TEST_FAMILY";

    /// <summary>Long enough for an owner to have all that it starts, on a machine that has little else to do.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromMilliseconds(1000);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    [UnixFact]
    public void Case61_OwnersKilledAtAnyMoment_NoBrokerAndNoWorkerIsLeftAndTheNextStartClearsTheirFiles()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux shows the environment of other processes, by which orphans are known");
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var directory = new PrivatePipeDirectory();
        var familySizes = new List<int>();
        for (var trial = 0; trial < Trials; trial += AtATime)
        {
            var families = Enumerable.Range(0, AtATime).Select(_ => new Family(random)).OrderBy(family => family.DiesAt).ToArray();
            foreach (var family in families)
            {
                familySizes.Add(family.Die());
            }

            var dead = Stopwatch.GetTimestamp();
            Eventually.True(() => families.All(family => family.Members.Length == 0));
            Assert.InRange(Stopwatch.GetElapsedTime(dead), TimeSpan.Zero, EndLimit);
        }

        output.WriteLine($"processes in the moment of death: {string.Join(' ', familySizes)}");
        Assert.True(familySizes.Contains(1), "no owner died alone");
        Assert.True(familySizes.Count(size => size >= 4) >= WithBrokerMin, "too few owners had a broker process and workers");
        AssertNextStartClears(directory);
    }

    private static void AssertNextStartClears(PrivatePipeDirectory directory)
    {
        Assert.NotEmpty(directory.Files);
        foreach (var file in directory.Files)
        {
            File.SetLastWriteTimeUtc(directory.PathOf(file), DateTime.UnixEpoch);
        }

        using (QueueBroker.Start())
        {
            Assert.Equal(2, directory.Files.Length);
        }

        Assert.Empty(directory.Files);
    }

    private static void OwnBrokerAndWorkers()
    {
        var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("queue");
        WorkerProcess.Start(BlockInGet, queue);
        WorkerProcess.Start(LoopForEver);
        Thread.Sleep(Timeout.Infinite);
    }

    private static void BlockInGet(IpcQueue<int> queue)
    {
        while (true)
        {
            // A worker that shrugs off the end of its broker still ends with its parent.
            Record.Exception(() => queue.Get());
        }
    }

    private static void LoopForEver()
    {
        while (true)
        {
            Thread.SpinWait(1000);
        }
    }

    /// <summary>An owner, and all that it has started, known by a variable that they inherit.</summary>
    private sealed class Family
    {
        private readonly string _mark = $"{Variable}={Guid.NewGuid():N}";
        private readonly WorkerProcess _owner;
        private readonly Action<WorkerProcess> _death;

        public Family(Random random)
        {
            _death = random.Next(4) switch
            {
                0 => owner => Signals.Terminate(owner.Id),
                1 => owner => Signals.HangUp(owner.Id),
                _ => owner => owner.Kill(),
            };
            var parts = _mark.Split('=');
            Environment.SetEnvironmentVariable(parts[0], parts[1]);
            _owner = WorkerProcess.Start(OwnBrokerAndWorkers);
            Environment.SetEnvironmentVariable(parts[0], null);
            DiesAt = Stopwatch.GetTimestamp() + (long)(Start.TotalSeconds * random.NextDouble() * Stopwatch.Frequency);
        }

        public long DiesAt { get; }

        public int[] Members => ProcessTable.WithEnvironment(_mark);

        /// <returns>How many they were just before.</returns>
        public int Die()
        {
            Spin.For(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), DiesAt));
            var members = Members.Length;
            _death(_owner);
            Assert.True(_owner.WaitForExit(Times.Long));
            _owner.Dispose();
            return members;
        }
    }
}
