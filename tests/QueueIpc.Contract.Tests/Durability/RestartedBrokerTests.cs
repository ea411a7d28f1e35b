using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Durability;

/// <summary>
/// A durable broker that is killed, or ended in order, and started again, under load from a dozen processes, as often as QUEUEIPC_KILLS says, or 20 times. The processes
/// stay the same, and no call of theirs sees an exception.
/// </summary>
public sealed class RestartedBrokerTests
{
    private const int RestartsUsually = 20;

    private readonly string _name = $"restarted-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    [Fact]
    public void Case72_Broker_RestartedAgainAndAgain_ClientsRideItOut_AndEveryPutIsThereOnce()
    {
        var restarts = int.TryParse(Environment.GetEnvironmentVariable("QUEUEIPC_KILLS"), out var asked) ? asked : RestartsUsually;
        var seed = Random.Shared.Next();
        using var enough = IpcQueue.Create<bool>();
        using var rides = IpcQueue.Create<Ride>();
        var broker = Start();
        using var workers = new Workforce();
        var riders = Enumerable.Range(0, RestartRider.Roles.Count).Select(role => workers.Add(RestartRider.Start(role, _name, enough, rides))).ToArray();
        broker = Restart(broker, restarts, new Random(seed), riders);

        enough.Complete();
        Assert.All(riders, rider => Assert.True(rider.WaitForExit(Times.Long), $"A call hangs. Seed {seed}"));
        Assert.All(riders, rider => Assert.True(rider.Failure is null, $"Seed {seed}: {rider.Failure}"));
        var all = rides.GetMany(riders.Length, Times.Long);
        Assert.Equal(riders.Length, all.Count);
        using (broker)
        using (var client = QueueClient.Connect(_name))
        {
            CheckJobs(TakeAll(client, "jobs"), all);
            CheckWork(TakeAll(client, "work"), all, $"Seed {seed}");
            CheckRead(TakeAll(client, "read"), all, $"Seed {seed}");
        }

        _directory.Delete(recursive: true);
    }

    private QueueBroker Restart(QueueBroker broker, int restarts, Random random, WorkerProcess[] riders)
    {
        for (var restart = 0; restart < restarts && !riders.Any(rider => rider.HasExited); restart++)
        {
            using var process = Process.GetProcessById(broker.ProcessId);
            Assert.False(process.WaitForExit(random.Next(30, 250)), "The broker has ended by itself");
            if (restart % 4 == 3)
            {
                broker.Dispose();
            }
            else
            {
                process.Kill();
            }

            process.WaitForExit();
            broker.Dispose();
            broker = Start();
        }

        return broker;
    }

    private QueueBroker Start() => QueueBroker.StartProcess(new QueueBrokerOptions { Name = _name, Storage = new SqliteStorage(_directory.FullName) });

    private static List<long> TakeAll(QueueClient client, string name)
    {
        using var queue = client.OpenQueue<long>(name);
        var all = new List<long>();
        while (queue.TryGet(out var item, TimeSpan.Zero))
        {
            all.Add(item);
        }

        return all;
    }

    /// <summary>Nobody takes any: every item is there once, in its producer's order, and none from nowhere.</summary>
    private static void CheckJobs(List<long> items, IReadOnlyList<Ride> rides)
    {
        var producers = RestartRider.Roles.Where(role => role.Queue == "jobs").Select(role => role.First).ToArray();
        foreach (var first in producers)
        {
            Assert.Equal(PutFrom(first, rides), items.Where(item => item / 1_000_000_000 == first / 1_000_000_000));
        }

        Assert.Equal(producers.Sum(first => PutFrom(first, rides).LongCount()), items.Count);
    }

    /// <summary>Every item was handled, or is there; none that was acked is, and nobody who asked for one afterwards got it.</summary>
    private static void CheckWork(List<long> rest, IReadOnlyList<Ride> rides, string seed)
    {
        var handled = rides.Where(ride => ride.Role.StartsWith("lease", StringComparison.Ordinal)).SelectMany(ride => ride.Handled).ToArray();
        var acked = handled.Where(item => item.Acked > 0).GroupBy(item => item.Item).ToDictionary(item => item.Key, item => item.Min(one => one.Acked));
        Assert.NotEmpty(acked);
        Assert.DoesNotContain(rest, acked.ContainsKey);
        Assert.DoesNotContain(handled, item => item.Begun > 0 && acked.TryGetValue(item.Item, out var done) && done < item.Begun);
        CheckAllAreThere(5_000_000_000, rest, handled, rides, seed);
    }

    private static void CheckRead(List<long> rest, IReadOnlyList<Ride> rides, string seed) =>
        CheckAllAreThere(6_000_000_000, rest, rides.Where(ride => ride.Role is "get" or "read all").SelectMany(ride => ride.Handled), rides, seed);

    private static void CheckAllAreThere(long first, List<long> rest, IEnumerable<Handled> handled, IReadOnlyList<Ride> rides, string seed)
    {
        var seen = handled.Select(item => item.Item).Concat(rest).ToHashSet();
        Assert.Equal(rest.Order(), rest);
        Assert.True(PutFrom(first, rides).All(seen.Contains), $"{seed}: an item is lost");
        Assert.Equal(PutFrom(first, rides).LongCount(), seen.Count);
    }

    private static IEnumerable<long> PutFrom(long first, IReadOnlyList<Ride> rides)
    {
        var next = Assert.Single(rides, ride => ride.Next / 1_000_000_000 == first / 1_000_000_000).Next;
        Assert.True(next > first, $"The producer of {first} has put nothing");
        for (var item = first; item < next; item++)
        {
            yield return item;
        }
    }
}
