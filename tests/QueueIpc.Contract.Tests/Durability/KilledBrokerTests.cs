using System.Collections.Concurrent;
using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Durability;

/// <summary>A broker process that is killed again and again under load, and started again on its directory. As often as QUEUEIPC_KILLS says, or 25 times.</summary>
public sealed class KilledBrokerTests
{
    private const int KillsUsually = 25;
    private const int Producers = 3;

    [Fact]
    public void Case71_Broker_KilledAgainAndAgain_NothingConfirmedIsLostOrComesBack()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("QUEUEIPC_KILLS"), out var asked) ? asked : KillsUsually;
        var directory = Directory.CreateTempSubdirectory();
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var account = new Account();
        for (var life = 0; life < kills; life++)
        {
            using var broker = Start(directory);
            using var process = Process.GetProcessById(broker.ProcessId);
            var acks = account.Acks;
            var threads = Workers(broker.Endpoint, life, account).Select(Run).ToArray();

            // Every other life is long enough for an ack, however busy the machine is.
            Eventually.True(() => life % 2 == 0 || account.Acks > acks || account.Failure is not null);
            Assert.False(process.WaitForExit(random.Next(30, 300)), "The broker has ended by itself");
            process.Kill();
            process.WaitForExit();
            Assert.All(threads, thread => Assert.True(thread.Join(Times.Long), "A call hangs after its broker was killed"));
            Assert.True(account.Failure is null, $"Seed {seed}: {account.Failure}");
        }

        using (var last = Start(directory))
        using (var client = QueueClient.Connect(last.Endpoint))
        using (var queue = client.OpenQueue<long>("jobs"))
        {
            account.CheckRest([.. TakeAll(queue)], $"Seed {seed}");
        }

        directory.Delete(recursive: true);
    }

    private static IEnumerable<long> TakeAll(IpcQueue<long> queue)
    {
        while (queue.TryGet(out var item, TimeSpan.Zero))
        {
            yield return item;
        }
    }

    private static QueueBroker Start(DirectoryInfo directory) => QueueBroker.StartProcess(new QueueBrokerOptions { Storage = new SqliteStorage(directory.FullName) });

    private static IEnumerable<Action> Workers(string endpoint, int life, Account account)
    {
        for (var producer = 0; producer < Producers; producer++)
        {
            var which = producer;
            yield return () => Produce(endpoint, which, life, account);
        }

        yield return () => Use(endpoint, account, (queue, _) => account.Got(queue.Get()));
        yield return () => Use(endpoint, account, Lease);
        yield return () => Use(endpoint, account, (queue, _) =>
        {
            foreach (var item in queue.GetConsumingEnumerable())
            {
                account.Got(item);
            }
        });
    }

    private static void Lease(IpcQueue<long> queue, Account account)
    {
        using var lease = queue.Lease();
        account.Got(lease.Item);
        if (lease.Item % 7 == 0 && lease.Failures == 0)
        {
            lease.Nack();
            return;
        }

        account.MayBeAcked(lease.Item);
        lease.Ack();
        account.Acked(lease.Item);
    }

    /// <summary>One by one, and many at a time. Numbers of one producer only go up.</summary>
    private static void Produce(string endpoint, int producer, int life, Account account)
    {
        var next = (producer * 1_000_000_000L) + (life * 1_000_000L);
        Use(endpoint, account, (queue, _) =>
        {
            long[] items = [.. Enumerable.Range(0, next % 3 == 0 ? 50 : 1).Select(i => next + i)];
            next += items.Length;
            account.Putting(items);
            if (items.Length == 1)
            {
                queue.Put(items[0]);
            }
            else
            {
                queue.PutMany(items);
            }

            account.WasPut(items);
        });
    }

    private static void Use(string endpoint, Account account, Action<IpcQueue<long>, Account> act)
    {
        try
        {
            using var client = QueueClient.Connect(endpoint);
            using var queue = client.OpenQueue<long>("jobs", new QueueOptions { MaxFailures = 0 });
            while (true)
            {
                act(queue, account);
            }
        }
        catch (Exception e) when (e is BrokerUnavailableException or LeaseLostException)
        {
            // The broker was killed.
        }
        catch (Exception e)
        {
            account.Failure ??= e.ToString();
        }
    }

    private static Thread Run(Action act)
    {
        var thread = new Thread(() => act()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>What callers were told of each item.</summary>
    private sealed class Account
    {
        private readonly ConcurrentDictionary<long, bool> _put = [];
        private readonly ConcurrentDictionary<long, bool> _seen = [];
        private readonly ConcurrentDictionary<long, bool> _acked = [];
        private int _acks;

        public string? Failure { get; set; }

        public void Putting(long[] items) => Array.ForEach(items, item => _put[item] = false);

        public int Acks => Volatile.Read(ref _acks);

        public void WasPut(long[] items) => Array.ForEach(items, item => _put[item] = true);

        public void Got(long item)
        {
            if (!_put.ContainsKey(item))
            {
                Failure ??= $"Item {item} came from nowhere";
            }

            if (_acked.TryGetValue(item, out var done) && done)
            {
                Failure ??= $"Item {item} came again after its ack had returned";
            }

            _seen[item] = true;
        }

        public void MayBeAcked(long item) => _acked.TryAdd(item, false);

        public void Acked(long item)
        {
            _acked[item] = true;
            Interlocked.Increment(ref _acks);
        }

        public void CheckRest(long[] rest, string context)
        {
            foreach (var item in rest)
            {
                Got(item);
            }

            Assert.True(Failure is null, $"{context}: {Failure}");
            var lost = _put.Where(put => put.Value && !_seen.ContainsKey(put.Key)).Select(put => put.Key).ToArray();
            Assert.True(lost.Length == 0, $"{context}: {lost.Length} of {_put.Count} items were confirmed and are lost, {string.Join(", ", lost.Take(5))} the first");
            Assert.Equal(rest.Length, rest.Distinct().Count());
            Assert.All(rest.GroupBy(item => item / 1_000_000_000L), ofOne => Assert.Equal(ofOne.Order(), ofOne));
            Assert.Contains(_acked, acked => acked.Value);
            TestContext.Current.TestOutputHelper?.WriteLine($"{_put.Count(put => put.Value)} confirmed of {_put.Count}, {_seen.Count} seen, {_acked.Count(acked => acked.Value)} acked, {rest.Length} left");
        }
    }
}
