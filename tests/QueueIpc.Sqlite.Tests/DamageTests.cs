using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Core;
using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests;

/// <summary>Whatever a disk makes of a file: it is found, or it does no harm, and no item is another one.</summary>
public sealed class DamageTests(ITestOutputHelper output) : IDisposable
{
    private const int PageBytes = 16 * 1024;
    private const int FrameBytes = PageBytes + 24;
    private const int LogHeaderBytes = 32;
    private const int BitsOfEachPage = 6;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_BitTurnedInAnyPage_IsFoundOrHarmless()
    {
        Fill();
        var whole = File.ReadAllBytes(_directory.Combine("queues.db"));
        var (before, seed) = (Said(), Random.Shared.Next());
        var random = new Random(seed);
        var (found, harmless, saved) = (0, 0, 0);
        for (var page = 0; page < whole.Length / PageBytes; page++)
        {
            for (var i = 0; i < BitsOfEachPage; i++)
            {
                // Each second time where something stands: at the head of the page or at its end.
                var place = (i % 3) switch { 0 => random.Next(100), 1 => PageBytes - 1 - random.Next(400), _ => random.Next(PageBytes) };
                var at = (page * PageBytes) + place;
                var turned = whole.ToArray();
                turned[at] ^= (byte)(1 << random.Next(8));
                Put(turned, log: []);
                var exported = Exported();
                Assert.True(exported.IsSubsetOf(before), $"Seed {seed}: byte {at} turned, and exported is {string.Join(", ", exported.Except(before))}");
                saved += exported.Count == before.Count ? 1 : 0;
                try
                {
                    var after = Said();
                    Assert.True(before.SetEquals(after), $"Seed {seed}: byte {at} turned, and nobody noticed: {string.Join(", ", before.Except(after))} became {string.Join(", ", after.Except(before))}");
                    harmless++;
                }
                catch (IOException e)
                {
                    Assert.Contains(_directory.Path, e.Message, StringComparison.Ordinal);
                    found++;
                }
            }
        }

        output.WriteLine($"{whole.Length / PageBytes} pages: found {found}, harmless {harmless}, all of it exported {saved}");
        Assert.True(found > 0 && harmless > 0);
    }

    [Fact]
    public void Open_LogCutAnywhereInItsLastCommits_HasAllCommitsBefore()
    {
        byte[] file, log;
        var lengths = new List<(long Length, int Items)>();
        using (var store = new OpenStore(_directory.Path))
        {
            for (var i = 0; i < 30; i++)
            {
                store.Accept("jobs", $"item {i}");
                lengths.Add((new FileInfo(_directory.Combine("queues.db-wal")).Length, i + 1));
            }

            (file, log) = (File.ReadAllBytes(_directory.Combine("queues.db")), File.ReadAllBytes(_directory.Combine("queues.db-wal")));
        }

        var cuts = new List<long> { 0, 1, LogHeaderBytes };
        for (var at = lengths[^4].Length; at <= log.Length; at += FrameBytes)
        {
            cuts.AddRange([at - 1, at, at + 1, at + 24, at + 512, at + (PageBytes / 2)]);
        }

        foreach (var cut in cuts.Where(cut => cut <= log.Length))
        {
            Put(file, log.AsSpan(0, (int)cut));

            var items = Said();

            var kept = lengths.LastOrDefault(commit => commit.Length <= cut).Items;
            Assert.True(cut < lengths[0].Length || items.Count(line => line.StartsWith("item", StringComparison.Ordinal)) == kept, $"Cut at {cut}: {items.Count - 1} items are there, and {kept} were in whole commits");
        }
    }

    private void Fill()
    {
        using (var store = new OpenStore(_directory.Path))
        {
            for (var i = 0; i < 300; i++)
            {
                store.Accept($"queue {i % 5}", string.Concat(Enumerable.Repeat($"item {i} ", 1 + (i % 20))));
            }

            for (var i = 1; i < 40; i++)
            {
                store.Die("queue 1", i, $"reason {i}");
            }
        }

        Assert.False(File.Exists(_directory.Combine("queues.db-wal")));
    }

    private void Put(ReadOnlySpan<byte> file, ReadOnlySpan<byte> log)
    {
        File.WriteAllBytes(_directory.Combine("queues.db"), file);
        File.Delete(_directory.Combine("queues.db-wal"));
        if (!log.IsEmpty)
        {
            File.WriteAllBytes(_directory.Combine("queues.db-wal"), log);
        }
    }

    /// <summary>All that a broker finds there.</summary>
    private HashSet<string> Said()
    {
        using var store = new OpenStore(_directory.Path);
        return [.. store.Found.SelectMany(queue => Words(queue))];
    }

    private static IEnumerable<string> Words(StoredQueue queue) =>
        queue.Runs.SelectMany(run => run.Each).Select(item => Word(queue.Name, item.Sequence, item.Bytes, null))
            .Concat(queue.Items.Select(item => Word(queue.Name, item.Item.Sequence, item.Item.Bytes, item.Reason)));

    private static string Word(string queue, long sequence, ReadOnlySpan<byte> bytes, string? reason) => $"item {sequence} of {queue}, {reason}: {Encoding.UTF8.GetString(bytes)}";

    private HashSet<string> Exported()
    {
        try
        {
            using var data = SavedData.Open(_directory.Path);
            return [.. data.Queues().Where(queue => !queue.Name.StartsWith("unknown", StringComparison.Ordinal)).SelectMany(queue => data.ItemsOf(queue).Select(item => Word(queue.Name, item.Sequence!.Value, item.Bytes, item.Reason)))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>A store in which each write is kept before the next.</summary>
    private sealed class OpenStore : IJournalOwner, IDisposable
    {
        private readonly IQueueStore _store;
        private readonly Dictionary<string, (IQueueJournal Journal, QueueState State)> _journals = [];
        private readonly SemaphoreSlim _kept = new(0);

        public OpenStore(string directory)
        {
            _store = new SqliteStorage(directory).Open(new StoreContext(NullLogger.Instance, WallClock.UnixMicros - MonotonicClock.Now, _ => { }, () => { }));
            try
            {
                Found = _store.Load();
            }
            catch
            {
                _store.Dispose();
                throw;
            }
        }

        public IReadOnlyList<StoredQueue> Found { get; }

        public void Accept(string queue, string content)
        {
            if (!_journals.TryGetValue(queue, out var it))
            {
                _journals[queue] = it = (_store.Create(queue, new QueueSettings(), this), new QueueState());
                AwaitKept();
            }

            byte[] packed = [.. BitConverter.GetBytes(content.Length), .. Encoding.UTF8.GetBytes(content)];
            var run = ItemRun.Accept(new ItemBatch(packed, 0, 1, packed.Length), it.State.Last = it.State.Last + 1, MonotonicClock.Now);
            it.State.Items.Add(run.First);
            it.Journal.Write([new Change(ChangeKind.Accepted, it.State.Last, 1, run)]);
            AwaitKept();
        }

        public void Die(string queue, int place, string reason)
        {
            var (journal, state) = _journals[queue];
            journal.Write([Change.OfItem(ChangeKind.Died, state.Items[place].WithFailures(5), MonotonicClock.Now, reason)]);
            AwaitKept();
        }

        public void Kept(long writes) => _kept.Release();

        public void Arrived(in Reading reading, IReadOnlyList<ItemRun> runs) => throw new InvalidOperationException("So little is all in memory");

        public void Dispose()
        {
            _store.Dispose();
            _kept.Dispose();
        }

        private void AwaitKept() => Assert.True(_kept.Wait(Times.Long, TestContext.Current.CancellationToken));

        private sealed class QueueState
        {
            public long Last { get; set; }

            public List<Item> Items { get; } = [];
        }
    }
}
