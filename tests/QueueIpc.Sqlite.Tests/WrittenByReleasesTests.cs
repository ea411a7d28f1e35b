using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests;

/// <summary>
/// Directories that releases have written are kept beside this test, and open for ever. A release that changes the form of the data adds one of its own: run
/// the test below with QUEUEIPC_WRITE_DATA set to the directory to make.
/// </summary>
public sealed class WrittenByReleasesTests : IDisposable
{
    private const int Large = 40_000;

    private static readonly TimeSpan Century = TimeSpan.FromDays(36_500);

    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Releases => [.. Directory.GetDirectories(Repository.PathOf("tests/QueueIpc.Sqlite.Tests/Written")).Select(path => Path.GetFileName(path))];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Releases))]
    public void Open_DirectoryOfARelease_HasAllThatWasInIt(string release)
    {
        Copy(Repository.PathOf($"tests/QueueIpc.Sqlite.Tests/Written/{release}"), _directory.Path);

        CheckAsItIs(_directory.Path);
        CheckThroughABroker(_directory.Path);
    }

    [Fact]
    public void Open_DirectoryOfThisVersion_HasAllThatWasInIt()
    {
        var made = Environment.GetEnvironmentVariable("QUEUEIPC_WRITE_DATA") ?? _directory.Combine("made");
        Write(made);
        var copy = _directory.Combine("copy");
        Copy(made, copy);

        CheckAsItIs(copy);
        CheckThroughABroker(copy);
    }

    /// <summary>A part of it is in the log still, as after a kill.</summary>
    private void Write(string to)
    {
        var alive = _directory.Combine("alive");
        using (var broker = Start(alive))
        {
            Fill(broker);
        }

        using var again = Start(alive);
        FillMore(again);
        Assert.False(File.Exists(Path.Combine(alive, "queues.db-shm")), "The log's index is a file, which a full disk has no room for");
        Copy(alive, to);
    }

    private static void Fill(QueueBroker broker)
    {
        using var jobs = broker.OpenQueue<string>("jobs", new QueueOptions { Capacity = 100, MaxFailures = 2, LeaseTime = TimeSpan.FromSeconds(7) });
        jobs.PutMany(Enumerable.Range(1, 40).Select(i => $"job {i}"));
        var leases = jobs.LeaseMany(10, Times.Long);
        jobs.AckMany([.. leases.Take(3), leases[7]]);
        leases[3].Nack();
        leases[4].Nack(Century);
        leases[5].DeadLetter("declared dead");
        leases[6].Release();
        leases[8].Release();
        leases[9].Release();

        // The fourth is the first that is there.
        jobs.Lease(Times.Long).Nack();
    }

    private static void FillMore(QueueBroker broker)
    {
        using var jobs = broker.OpenQueue<string>("jobs");
        jobs.PutMany(Enumerable.Range(41, 10).Select(i => $"job {i}"));
        using var raw = broker.OpenQueue<byte[]?>("raw");
        raw.Put([1, 2, 3]);
        raw.Put(null);
        raw.Put([.. Enumerable.Range(0, Large).Select(i => (byte)i)]);
        raw.Put([]);
        using var empty = broker.OpenQueue<int>("empty");
        empty.PutMany([1, 2, 3]);
        empty.AckMany(empty.LeaseMany(3, Times.Long));
        using var completed = broker.OpenQueue<int>("completed");
        completed.PutMany([1, 2]);
        completed.Complete();
        using var discarded = broker.OpenQueue<int>("discarded");
        discarded.PutMany([1, 2]);
        discarded.Lease(Times.Long).DeadLetter("before all others");
        discarded.Complete(discard: true);
    }

    private static void CheckAsItIs(string directory)
    {
        using var data = SavedData.Open(directory);
        var queues = data.Queues().ToDictionary(queue => queue.Name);

        Assert.Empty(data.StructureFaults());
        Assert.Equal(["completed", "discarded", "empty", "jobs", "raw"], queues.Keys.Order());
        Assert.Equal((100, 2, 7_000_000, 50), (queues["jobs"].Capacity, queues["jobs"].MaxFailures, queues["jobs"].LeaseTimeMicros, queues["jobs"].LastSequence));
        Assert.Equal((3, false), (queues["empty"].LastSequence, queues["empty"].IsCompleted));
        Assert.Equal((true, false), (queues["completed"].IsCompleted, queues["completed"].IsDiscarding));
        Assert.Equal((true, true), (queues["discarded"].IsCompleted, queues["discarded"].IsDiscarding));
        var jobs = data.ItemsOf(queues["jobs"]).ToArray();
        Assert.Equal([4, 5, 6, 7, 9, 10, .. Enumerable.Range(11, 40)], jobs.Select(item => (int)item.Sequence!.Value));
        Assert.Equal((SavedState.Dead, 2, "its consumers failed with it"), (jobs[0].State, jobs[0].Failures, jobs[0].Reason));
        Assert.Equal((SavedState.Delayed, 1), (jobs[1].State, jobs[1].Failures));
        Assert.InRange(jobs[1].At - jobs[1].PutAt, (long)Century.TotalMicroseconds, (long)Century.TotalMicroseconds + (long)Times.Long.TotalMicroseconds);
        Assert.Equal((SavedState.Dead, 0, "declared dead"), (jobs[2].State, jobs[2].Failures, jobs[2].Reason));
        Assert.All(jobs[3..], item => Assert.Equal((SavedState.Ready, 0), (item.State, item.Failures)));
        Assert.All(jobs, item => Assert.Equal([(byte)(0xA0 + $"job {item.Sequence}".Length), .. System.Text.Encoding.UTF8.GetBytes($"job {item.Sequence}")], item.Bytes!));
        data.CheckProducers();
        Assert.Empty(data.Lost);
    }

    private static void CheckThroughABroker(string directory)
    {
        using (var broker = Start(directory))
        {
            using var jobs = broker.OpenQueue<string>("jobs", new QueueOptions { Capacity = 100, MaxFailures = 2, LeaseTime = TimeSpan.FromSeconds(7) });
            var info = jobs.GetInfo();
            Assert.Equal((43, 1, 2, 50L, 4L), (info.Ready, info.Delayed, info.Dead, info.TotalPut, info.TotalTaken));
            Assert.Equal([(6, 0, "declared dead"), (4, 2, "its consumers failed with it")], jobs.GetDeadItems(10).Select(item => ((int)item.Sequence, item.Failures, item.Reason)));
            Assert.Equal([7, 9, 10, .. Enumerable.Range(11, 20)], jobs.GetMany(23, Times.Long).Select(NumberOf));
            Assert.Equal(1, jobs.Redrive([6]));
            jobs.Put("job 51");
            using var raw = broker.OpenQueue<byte[]?>("raw");
            Assert.Equal([[1, 2, 3], null, [.. Enumerable.Range(0, Large).Select(i => (byte)i)], []], raw.GetMany(4, Times.Long));
            using var completed = broker.OpenQueue<int>("completed");
            Assert.Throws<QueueCompletedException>(() => completed.Put(3));
            Assert.Equal([1, 2], completed.GetConsumingEnumerable());
            using var discarded = broker.OpenQueue<int>("discarded");
            Assert.Equal((0, 1, true), (discarded.GetInfo().Ready, discarded.GetInfo().Dead, discarded.GetInfo().IsCompleted));
            using var empty = broker.OpenQueue<int>("empty");
            Assert.Equal((0, 3L), (empty.GetInfo().Ready, empty.GetInfo().TotalPut));
        }

        // What this version has written is there at the next start.
        using var again = Start(directory);
        using var rest = again.OpenQueue<string>("jobs");
        Assert.Equal([6, .. Enumerable.Range(31, 21)], rest.GetMany(100, TimeSpan.Zero).Select(NumberOf));
    }

    private static int NumberOf(string job) => int.Parse(job["job ".Length..], System.Globalization.CultureInfo.InvariantCulture);

    private static QueueBroker Start(string directory) => QueueBroker.Start(new QueueBrokerOptions { Storage = new SqliteStorage(directory) });

    /// <summary>The data alone, without what a broker leaves beside them.</summary>
    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in (string[])["queues.db", "queues.db-wal"])
        {
            File.Copy(Path.Combine(from, file), Path.Combine(to, file), overwrite: true);
        }
    }
}
