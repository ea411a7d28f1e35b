using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Core;
using QueueIpc.Core.Tests.Model;
using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests;

/// <summary>Whatever is written to a store is what is read from it after it was closed, or left as it was: held against plain dictionaries.</summary>
public sealed class SqliteStoreModelTests
{
    private const int Seeds = 60;
    private const int StepsEach = 120;

    [Fact]
    public void Store_RandomChangesAndReopened_HasWhatWasWritten()
    {
        var first = Random.Shared.Next(int.MaxValue - Seeds);
        for (var seed = first; seed < first + Seeds; seed++)
        {
            try
            {
                using var life = new StoreLife(seed);
                life.Run(StepsEach);
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}: {e}");
            }
        }
    }

    [Fact]
    public void Load_ItemsTakenOutOfOrder_OnlyTheOthersAreThere()
    {
        using var life = new StoreLife(seed: 1);
        life.Accept("q", 1000);
        life.Take("q", 1, 10);
        life.Take("q", 500, 1);
        life.Take("q", 990, 11);

        life.Reopen();
    }

    [Fact]
    public void Load_OneItemLeftBehindByManyOthers_KeepsNoSpaceOfTheirs()
    {
        using var life = new StoreLife(seed: 2);
        for (var i = 0; i < 200; i++)
        {
            life.Accept("q", 8000);
            life.Take("q", (i * 8000L) + 2, 7999);
        }

        // Also what has moved meanwhile is found where it is now.
        for (var i = 0; i < 20; i++)
        {
            life.Read("q");
        }

        life.Reopen();
        Assert.Equal(200, life.CountOf("q"));
        Assert.InRange(life.FileBytes, 0, 20 * 1024 * 1024);
    }

    [Fact]
    public void Load_EverythingTaken_NumbersGoOn()
    {
        using var life = new StoreLife(seed: 3);
        life.Accept("q", 5);
        life.Take("q", 1, 5);

        life.Reopen();
        life.Accept("q", 1);
        life.Reopen();

        Assert.Equal(1, life.CountOf("q"));
    }

    /// <summary>One store, closed and opened again at any time, and the model beside it.</summary>
    private sealed class StoreLife : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly Random _random;
        private readonly Nearness _near;
        private readonly long _checkedBytes;
        private readonly Dictionary<string, KeptQueue> _model = [];
        private readonly Dictionary<string, (IQueueJournal Journal, Owner Owner)> _journals = [];
        private IQueueStore _store;
        private readonly Guid[] _producers = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
        private byte _content;

        public StoreLife(int seed)
        {
            _random = new Random(seed);
            _near = new Nearness(_random.Next(3) * 500, 1000);
            _checkedBytes = _random.Next(3) * 1000;
            _store = Open();
            _store.Load();
        }

        public long FileBytes => new FileInfo(_directory.Combine("queues.db")).Length;

        public int CountOf(string queue) => _model[queue].ToStored() is var stored ? stored.Items.Count + stored.Runs.Sum(run => run.Count) : 0;

        public void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                Step($"q{_random.Next(3)}");
            }

            Reopen();
        }

        public void Accept(string name, int count)
        {
            var queue = QueueOf(name);
            var sequence = queue.LastSequence + 1;
            Write(name, new Change(ChangeKind.Accepted, sequence, count, ItemRun.Accept(Batch(count), sequence, MonotonicClock.Now)));
        }

        public void Take(string name, long sequence, int count) => Write(name, new Change(ChangeKind.Taken, sequence, count));

        /// <summary>All that was written is kept; then it is read again, and compared.</summary>
        public void Reopen()
        {
            foreach (var (journal, owner) in _journals.Values)
            {
                owner.AwaitAll();
            }

            _store.Dispose();
            _store = Open();
            var found = _store.Load();
            Assert.Equal(_model.Keys.Order(), found.Select(queue => queue.Name).Order());
            foreach (var stored in found)
            {
                var owner = new Owner();
                var journal = _store.Continue(stored.Name, owner);
                _journals[stored.Name] = (journal, owner);
                Compare(_model[stored.Name].ToStored(), stored with { Runs = [.. stored.Runs.SelectMany(run => Bring(journal, owner, run))] });
            }
        }

        /// <summary>Some of what waits is read: what comes is what was written, whatever has become of its neighbours.</summary>
        public void Read(string name)
        {
            var (journal, owner) = _journals[name];
            var ready = _model[name].ToStored().Runs;
            if (ready.Count == 0)
            {
                return;
            }

            var (one, other) = (ready[_random.Next(ready.Count)], ready[_random.Next(ready.Count)]);
            var (first, last) = one.First.Sequence < other.First.Sequence ? (one, other) : (other, one);
            var skipped = _random.Next(first.Count);
            var (from, to) = (first.First.Sequence + skipped, last.Last);
            var reading = new Reading(from, to, ready.Where(run => run.First.Sequence >= first.First.Sequence && run.Last <= to).Sum(run => run.Count) - skipped);
            journal.Read(reading);
            Assert.Equal(Contents(_model[name].Read(reading)), Contents(owner.AwaitArrival(reading)));
        }

        public void Dispose()
        {
            _store.Dispose();
            _directory.Dispose();
        }

        private static IEnumerable<string> Contents(IEnumerable<ItemRun> runs) => runs.SelectMany(run => run.Each).Select(item => $"{item.Sequence} {item.Failures} {Convert.ToHexString(item.Bytes)}");

        /// <summary>What is not here is read.</summary>
        private static IEnumerable<ItemRun> Bring(IQueueJournal journal, Owner owner, in ItemRun run)
        {
            if (run.IsHere)
            {
                return [run];
            }

            var reading = new Reading(run.First.Sequence, run.Last, run.Count);
            journal.Read(reading);
            return owner.AwaitArrival(reading);
        }

        private void Step(string name)
        {
            var stored = QueueOf(name).ToStored();
            Item[] ready = [.. stored.Runs.SelectMany(run => run.Each).Concat(stored.Items.Select(item => item.Item))];
            switch (_random.Next(26))
            {
                case 20:
                    var producer = new StoredProducer(_producers[_random.Next(_producers.Length)], _random.Next(1000), [.. Enumerable.Range(0, _random.Next(3)).Select(i => ((long)i * 10, (i * 10L) + 5))], MonotonicClock.Now - 5_000_000);
                    Write(name, new Change(ChangeKind.Numbered, Producer: producer));
                    break;
                case 21 when stored.Producers.Count > 0:
                    Write(name, new Change(ChangeKind.Forgotten, Producer: stored.Producers[0]));
                    break;
                case > 21:
                    Read(name);
                    break;
                case < 6:
                    Accept(name, _random.Next(1, 40));
                    break;
                case < 11 when ready.Length > 0:
                    Take(name, ready[_random.Next(ready.Length)].Sequence, 1);
                    break;
                case < 13 when stored.Runs.Count > 0:
                    var run = stored.Runs[_random.Next(stored.Runs.Count)];
                    Write(name, new Change(ChangeKind.Dropped, run.First.Sequence, _random.Next(1, run.Count + 1)));
                    break;
                case < 17 when ready.Length > 0:
                    var item = ready[_random.Next(ready.Length)].WithFailures(_random.Next(0, 4));
                    var fate = _random.Next(3) switch { 0 when item.Failures > 0 => ChangeKind.Returned, 1 => ChangeKind.Delayed, _ => ChangeKind.Died };
                    Write(name, Change.OfItem(fate, item, MonotonicClock.Now + 1_000_000_000, fate == ChangeKind.Died ? "no good" : null));
                    break;
                case 17 when _random.Next(4) == 0:
                    Write(name, new Change(_random.Next(2) == 0 ? ChangeKind.Completed : ChangeKind.Discarded));
                    break;
                case 18 when _random.Next(3) == 0:
                    _journals[name].Journal.Delete();
                    _journals.Remove(name);
                    _model.Remove(name);
                    break;
                case 19:
                    Reopen();
                    break;
            }
        }

        private IQueueStore Open() => new SqliteStorage(_directory.Path) { Near = _near, CheckedBytes = _checkedBytes }.Open(new StoreContext(NullLogger.Instance, WallClock.UnixMicros - MonotonicClock.Now, e => throw e, () => { }));

        private KeptQueue QueueOf(string name)
        {
            if (!_model.TryGetValue(name, out var queue))
            {
                var settings = new QueueSettings { Capacity = _random.Next(1000), MaxFailures = 3 };
                _model[name] = queue = new KeptQueue(name, settings);
                var owner = new Owner();
                _journals[name] = (_store.Create(name, settings, owner), owner);
                owner.Wrote();
            }

            return queue;
        }

        private void Write(string name, Change change)
        {
            QueueOf(name).Apply([change]);
            var (journal, owner) = _journals[name];
            owner.Wrote();
            journal.Write([change]);
            if (_random.Next(3) == 0)
            {
                owner.AwaitAll();
            }
        }

        private ItemBatch Batch(int count)
        {
            var packed = new List<byte>();
            for (var i = 0; i < count; i++)
            {
                var length = _random.Next(60);
                packed.AddRange(BitConverter.GetBytes(length));
                packed.AddRange(Enumerable.Repeat(++_content, length));
            }

            return new ItemBatch([.. packed], 0, count, packed.Count);
        }

        private static void Compare(StoredQueue expected, StoredQueue found)
        {
            Assert.Equal(expected.Settings, found.Settings);
            Assert.Equal((expected.IsClosed, expected.IsDiscarding, expected.LastSequence, expected.Dropped), (found.IsClosed, found.IsDiscarding, found.LastSequence, found.Dropped));
            Assert.Equal(Fates(expected), Fates(found));
            Assert.Equal(Describe(expected.Producers), Describe(found.Producers));
        }

        private static IEnumerable<string> Describe(IEnumerable<StoredProducer> producers) =>
            producers.OrderBy(producer => producer.Id).Select(producer => $"{producer.Id} {producer.Last} {string.Join(' ', producer.Missing)} {producer.At / 1_000_000}");

        /// <summary>Every item with what it is. An item that stayed behind may have become one with a row of its own: ready, and without a failure.</summary>
        private static IEnumerable<string> Fates(StoredQueue queue) =>
            queue.Runs.SelectMany(run => run.Each).Select(item => (item, fate: "ready", at: 0L, reason: (string?)null))
                .Concat(queue.Items.Select(item => (item: item.Item, fate: item.Fate == ChangeKind.Returned ? "ready" : item.Fate.ToString(), at: item.Fate == ChangeKind.Returned ? 0 : item.At, reason: item.Reason)))
                .OrderBy(one => one.item.Sequence)
                .Select(one => $"{one.item.Sequence} {one.fate} {one.item.Failures} {one.at / 1_000_000} {one.reason} {Convert.ToHexString(one.item.Bytes)}");
    }

    private sealed class Owner : IJournalOwner
    {
        private readonly object _lock = new();
        private long _written;
        private long _kept;
        private (Reading Reading, IReadOnlyList<ItemRun>? Runs) _arrived;

        public void Wrote() => _written++;

        public void Kept(long writes)
        {
            lock (_lock)
            {
                Assert.True(writes > _kept, "Told twice of the same");
                _kept = writes;
                Monitor.PulseAll(_lock);
            }
        }

        public void Arrived(in Reading reading, IReadOnlyList<ItemRun> runs)
        {
            lock (_lock)
            {
                _arrived = (reading, runs);
                Monitor.PulseAll(_lock);
            }
        }

        public IReadOnlyList<ItemRun> AwaitArrival(Reading reading)
        {
            lock (_lock)
            {
                while (_arrived.Runs is null || _arrived.Reading != reading)
                {
                    Assert.True(Monitor.Wait(_lock, Times.Long), $"{reading} does not arrive");
                }

                return _arrived.Runs;
            }
        }

        public void AwaitAll()
        {
            lock (_lock)
            {
                while (_kept < _written)
                {
                    Assert.True(Monitor.Wait(_lock, Times.Long), $"Nothing is kept: {_kept} of {_written}");
                }
            }
        }
    }
}
