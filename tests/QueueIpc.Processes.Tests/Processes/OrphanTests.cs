using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>Owners that die at any moment, from their first instruction on, in any way: what they had started ends with them, and their files go.</summary>
public sealed class OrphanTests(ITestOutputHelper output)
{
    private const int Trials = 100;
    private const int AtATime = 10;
    private const int WholeFamily = 3;
    private const int OfEachSizeMin = 10;
    private const string Variable = "QUEUEIPC_TEST_FAMILY";
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    [UnixFact]
    public void Case61_OwnersKilledAtAnyMoment_NoBrokerAndNoWorkerIsLeftAndTheNextStartClearsTheirFiles()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux shows the environment of other processes, by which orphans are known");
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var directory = new PrivatePipeDirectory();
        var sizes = new List<int>();
        for (var trial = 0; trial < Trials; trial += AtATime)
        {
            var families = Enumerable.Range(0, AtATime).Select(_ => new Family(random)).ToList();
            var start = Stopwatch.GetTimestamp();
            for (var alive = families.ToList(); alive.Count > 0; alive.RemoveAll(family => family.SizeAtDeath > 0))
            {
                var members = ProcessTable.ByEnvironment(Variable);
                alive.ForEach(family => family.DieIfDue(members[family.Name].Count()));
                Assert.True(Stopwatch.GetElapsedTime(start) < Times.Long, "owners do not get to the moment in which they were to die");
            }

            var dead = Stopwatch.GetTimestamp();
            Eventually.True(() => ProcessTable.ByEnvironment(Variable).Count == 0);
            Assert.InRange(Stopwatch.GetElapsedTime(dead), TimeSpan.Zero, EndLimit);
            sizes.AddRange(families.Select(family => family.SizeAtDeath));
        }

        output.WriteLine($"processes in the moment of death: {string.Join(' ', sizes)}");
        Assert.All(Enumerable.Range(1, WholeFamily), size => Assert.True(sizes.Count(other => other == size) >= OfEachSizeMin, $"too few families of {size} died"));
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

    private static void OwnBrokerAndWorker()
    {
        var broker = QueueBroker.StartProcess();
        using var queue = broker.OpenQueue<int>("queue");
        WorkerProcess.Start(BlockInGet, queue);
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

    /// <summary>An owner, and all that it has started, known by a variable that they inherit. It dies soon after it has come to a certain size.</summary>
    private sealed class Family
    {
        private static readonly TimeSpan LaterMax = TimeSpan.FromMilliseconds(200);

        private readonly WorkerProcess _owner;
        private readonly Action<WorkerProcess> _death;
        private readonly int _size;
        private readonly long _later;
        private long _diesAt = long.MaxValue;

        public Family(Random random)
        {
            _size = random.Next(1, WholeFamily + 1);
            _later = (long)(LaterMax.TotalSeconds * random.NextDouble() * Stopwatch.Frequency);
            _death = random.Next(4) switch
            {
                // As a worker it leaves the signal of that name to its own owner.
                0 => owner => owner.Terminate(),
                1 => owner => Signals.HangUp(owner.Id),
                _ => owner => owner.Kill(),
            };
            Environment.SetEnvironmentVariable(Variable, Name);
            _owner = WorkerProcess.Start(OwnBrokerAndWorker);
            Environment.SetEnvironmentVariable(Variable, null);
        }

        public string Name { get; } = $"{Guid.NewGuid():N}";

        /// <summary>How many they were just before; 0 while they live.</summary>
        public int SizeAtDeath { get; private set; }

        public void DieIfDue(int size)
        {
            if (_diesAt == long.MaxValue && size >= _size)
            {
                _diesAt = Stopwatch.GetTimestamp() + _later;
            }

            if (Stopwatch.GetTimestamp() >= _diesAt)
            {
                SizeAtDeath = size;
                _death(_owner);
                Assert.True(_owner.WaitForExit(Times.Long));
                _owner.Dispose();
            }
        }
    }
}
