using System.Collections.Concurrent;
using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Durability;

/// <summary>
/// A durable broker that is killed, or ended in order, and started again, under load, as often as QUEUEIPC_KILLS says, or 20 times. Its clients stay the same, and
/// no call of theirs sees an exception.
/// </summary>
public sealed class RestartedBrokerTests
{
    private const int RestartsUsually = 20;

    private readonly string _name = $"restarted-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Dictionary<long, long> _last = [];
    private readonly ConcurrentDictionary<long, int> _processed = new();
    private readonly ConcurrentDictionary<long, long> _acked = new();
    private volatile bool _enough;

    [Fact]
    public void Case72_Broker_RestartedAgainAndAgain_ClientsRideItOut_AndEveryPutIsThereOnce()
    {
        var restarts = int.TryParse(Environment.GetEnvironmentVariable("QUEUEIPC_KILLS"), out var asked) ? asked : RestartsUsually;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var broker = Start();
        Thread[] threads =
        [
            Run(queue => PutEach(queue, 1, (item, _) => queue.Put(item))),
            Run(queue => PutEach(queue, 2, (item, _) => queue.PutAsync(item).AsTask().GetAwaiter().GetResult())),
            Run(queue => PutEach(queue, 3, (item, i) => queue.PutMany(Enumerable.Range(0, 40).Select(place => item + place)), step: 40)),
            Run(queue => PutEach(queue, 4, (item, _) => Task.WaitAll(Enumerable.Range(0, 10).Select(place => queue.PutAsync(item + place).AsTask()).ToArray()), step: 10)),
            Run(work => PutEach(work, 5, (item, _) => work.Put(item)), "work"),
            Run(Lease, "work"),
            Run(LeaseMany, "work"),
            Run(work => Until(() => _ = work.Count), "work"),
            Run(joined => Until(() => joined.Join(TimeSpan.FromMilliseconds(20))), "work"),
        ];
        for (var restart = 0; restart < restarts && _failures.IsEmpty; restart++)
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

        _enough = true;
        Assert.All(threads, thread => Assert.True(thread.Join(Times.Long), $"A call hangs. Seed {seed}"));
        Assert.True(_failures.IsEmpty, $"Seed {seed}: {string.Join('\n', _failures)}");
        using (broker)
        using (var client = QueueClient.Connect(_name))
        using (var queue = client.OpenQueue<long>("jobs"))
        using (var work = client.OpenQueue<long>("work"))
        {
            Check(TakeAll(queue), $"Seed {seed}");
            CheckWork(TakeAll(work), $"Seed {seed}");
        }

        _directory.Delete(recursive: true);
    }

    private static List<long> TakeAll(IpcQueue<long> queue)
    {
        var all = new List<long>();
        while (queue.TryGet(out var item, TimeSpan.Zero))
        {
            all.Add(item);
        }

        return all;
    }

    /// <summary>Every item once, in its producer's order, and none from nowhere.</summary>
    private void Check(List<long> items, string seed)
    {
        foreach (var producer in (long[])[1, 2, 3, 4])
        {
            var first = producer * 1_000_000_000;
            Assert.Equal(Enumerable.Range(0, (int)(_last[producer] - first)).Select(i => first + i), items.Where(item => item / 1_000_000_000 == producer));
            Assert.True(_last[producer] > first, $"{seed}: producer {producer} has put nothing");
        }
    }

    private void CheckWork(List<long> rest, string seed)
    {
        var first = 5_000_000_000;
        Assert.Equal(rest.Order(), rest);
        Assert.DoesNotContain(rest, _acked.ContainsKey);
        var seen = _processed.Keys.Concat(rest).ToHashSet();
        Assert.True(Enumerable.Range(0, (int)(_last[5] - first)).All(i => seen.Contains(first + i)), $"{seed}: an item is lost");
        Assert.NotEmpty(_acked);
    }

    private QueueBroker Start() => QueueBroker.StartProcess(new QueueBrokerOptions { Name = _name, Storage = new SqliteStorage(_directory.FullName) });

    private Thread Run(Action<IpcQueue<long>> act, string name = "jobs")
    {
        var thread = new Thread(() => Use(act, name)) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private void Use(Action<IpcQueue<long>> act, string name)
    {
        try
        {
            using var client = QueueClient.Connect(_name);
            using var queue = client.OpenQueue<long>(name, new QueueOptions { MaxFailures = 0 });
            act(queue);
        }
        catch (Exception e)
        {
            _failures.Enqueue($"{name}: {e}");
        }
    }

    private void Until(Action act)
    {
        while (!_enough)
        {
            act();
        }
    }

    private void PutEach(IpcQueue<long> queue, long producer, Action<long, int> put, int step = 1)
    {
        var next = producer * 1_000_000_000;
        for (var i = 0; !_enough; i++, next += step)
        {
            put(next, i);
        }

        lock (_last)
        {
            _last[producer] = next;
        }
    }

    private void Lease(IpcQueue<long> queue) => Until(() =>
    {
        var begun = Stopwatch.GetTimestamp();
        if (queue.TryLease(out var lease, TimeSpan.FromMilliseconds(50)))
        {
            Finish(lease, begun);
        }
    });

    private void LeaseMany(IpcQueue<long> queue) => Until(() =>
    {
        var begun = Stopwatch.GetTimestamp();
        foreach (var lease in queue.LeaseMany(8, TimeSpan.FromMilliseconds(50)))
        {
            Finish(lease, begun);
        }
    });

    /// <summary>
    /// A lease from a former life of the broker may still wait here for its turn when somebody else has had the item since, and is done with it.
    /// Only who asked after that must not be given it.
    /// </summary>
    private void Finish(QueueLease<long> lease, long begun)
    {
        using (lease)
        {
            if (_acked.TryGetValue(lease.Item, out var acked) && acked < begun)
            {
                _failures.Enqueue($"Item {lease.Item} came again after its ack had returned");
            }

            _processed.AddOrUpdate(lease.Item, 1, (_, times) => times + 1);
            try
            {
                lease.Ack();
                _acked[lease.Item] = Stopwatch.GetTimestamp();
            }
            catch (LeaseLostException)
            {
                // It comes again.
            }
        }
    }
}
