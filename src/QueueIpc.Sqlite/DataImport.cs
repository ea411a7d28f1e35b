using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>Puts queues and items into a data directory that no broker has: all of them, or none when it ends before <see cref="Finish"/>.</summary>
internal sealed class DataImport : IDisposable
{
    private const int RunBytesMax = 64 * 1024;

    /// <summary>Four years: an item's time has 48 bits in memory.</summary>
    private const long PutAtAgoMax = 4L * 365 * 24 * 3600 * 1_000_000;

    private readonly DataDirectory _place;
    private readonly Database _database;
    private readonly Dictionary<string, Imported> _queues = [];
    private readonly HashSet<string> _there;
    private long _lastQueueId;
    private long _lastRunId;

    private DataImport(DataDirectory place)
    {
        _place = place;
        _database = Database.Open(place, WallClock.UnixMicros - MonotonicClock.Now);
        _there = [.. _database.Rows("select name from queue").Select(row => row.GetString(0))];
        _lastQueueId = _database.Ask("select coalesce(max(id), 0) from queue");
        _lastRunId = _database.Ask("select coalesce(max(id), 0) from run");
        _database.Begin();
    }

    public int Queues => _queues.Count;

    public long Items { get; private set; }

    public static DataImport Open(string path)
    {
        var place = DataDirectory.Take(path);
        try
        {
            return new DataImport(place);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <summary>A queue's options and totals; it may come before its items or behind them.</summary>
    public void Add(SavedQueue queue) => Of(queue.Name).Saved = queue;

    /// <summary>Items of a queue come in their order.</summary>
    public void Add(string queue, SavedItem item)
    {
        var into = Of(queue);
        var sequence = item.Sequence ?? (into.LastSequence + 1);
        if (sequence <= into.LastSequence)
        {
            throw new InvalidOperationException($"item {sequence} of queue '{queue}' comes behind item {into.LastSequence}");
        }

        var putAt = Math.Max(_database.FromUnix(item.PutAt), MonotonicClock.Now - PutAtAgoMax);
        if (item is { State: SavedState.Ready, Failures: 0 })
        {
            AddToRun(into, sequence, putAt, item);
        }
        else
        {
            var fate = item.State switch { SavedState.Delayed => ChangeKind.Delayed, SavedState.Dead => ChangeKind.Died, _ => ChangeKind.Returned };
            var packed = Pack(item);
            var stored = new StoredItem(fate, new Item(packed, ItemBatch.PrefixBytes, LengthOf(item), sequence, putAt, item.Failures), _database.FromUnix(item.At), item.Reason);
            Write(new RowChange(RowKind.Item, into.Rows, Item: stored, DelayMicros: item.DelayMicros));
        }

        into.LastSequence = sequence;
        Items++;
    }

    public void Finish()
    {
        foreach (var queue in _queues.Values)
        {
            WriteRun(queue);
            Write(new RowChange(RowKind.NewQueue, queue.ToRows()));
        }

        try
        {
            _database.Commit();
            _database.Execute("pragma wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException e)
        {
            throw Database.InWords(e, _place);
        }
    }

    public void Dispose()
    {
        // What was not committed is gone with the connection.
        _database.Dispose();
        _place.Dispose();
    }

    private Imported Of(string name)
    {
        if (!_queues.TryGetValue(name, out var queue))
        {
            _queues[name] = queue = _there.Contains(name)
                ? throw new InvalidOperationException($"the directory has a queue '{name}' already; import into a new directory")
                : new Imported(++_lastQueueId, name);
        }

        return queue;
    }

    private void AddToRun(Imported queue, long sequence, long putAt, SavedItem item)
    {
        var packed = Pack(item);
        if (queue.Run is { } run && (run.End != sequence || run.PutAt != putAt || run.Bytes + packed.Length > RunBytesMax))
        {
            WriteRun(queue);
        }

        queue.Run ??= new Run(++_lastRunId, sequence) { PutAt = putAt, Pieces = [] };
        queue.Run.Pieces!.Add(ItemRun.Accept(new ItemBatch(packed, 0, 1, packed.Length), sequence, putAt));
        queue.Run.Count++;
        queue.Run.Bytes += packed.Length;
    }

    private void WriteRun(Imported queue)
    {
        if (queue.Run is { } run)
        {
            Write(new RowChange(RowKind.Run, queue.Rows, run));
            queue.Run = null;
        }
    }

    private void Write(in RowChange change)
    {
        try
        {
            _database.Write(change);
        }
        catch (SqliteException e)
        {
            throw Database.InWords(e, _place);
        }
    }

    private static int LengthOf(SavedItem item) => item.Bytes is null ? Item.NullLength : item.Bytes.Length | (item.HasNote ? Item.NoteFlag : 0);

    private static byte[] Pack(SavedItem item) => [.. BitConverter.GetBytes(LengthOf(item)), .. item.Bytes ?? []];

    private sealed class Imported(long id, string name)
    {
        public SavedQueue Saved { get; set; } = new(name);

        public QueueRows Rows { get; } = new(id, name, new QueueSettings());

        public long LastSequence { get; set; }

        /// <summary>What has not been written yet.</summary>
        public Run? Run { get; set; }

        public QueueRows ToRows() => new(id, name, new QueueSettings { Capacity = Saved.Capacity, MaxBytes = Saved.MaxBytes, LeaseTime = Saved.LeaseTimeMicros, MaxFailures = Saved.MaxFailures })
        {
            IsClosed = Saved.IsCompleted,
            IsDiscarding = Saved.IsDiscarding,
            LastSequence = Math.Max(Saved.LastSequence, LastSequence),
            Dropped = Saved.Dropped,
        };
    }
}
