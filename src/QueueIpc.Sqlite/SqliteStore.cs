using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>
/// A store in one SQLite file. One thread writes: it takes all that has gathered, of all queues, commits it with one flush, and then tells who waits. While
/// it does so the next gathers; it never waits for more.
/// </summary>
internal sealed partial class SqliteStore : IQueueStore
{
    /// <summary>One commit has so many bytes of items at most, or one write: larger ones gain nothing, and make everybody wait longer.</summary>
    private const int CommitBytesMax = 1024 * 1024;

    private readonly DataDirectory _place;
    private readonly StoreContext _context;
    private readonly long _checkedBytes;
    private readonly long _freeBytesMin;
    private readonly Database _database;
    private readonly object _lock = new();
    private readonly Dictionary<string, QueueRows> _found = [];
    private readonly List<RowChange> _plan = [];
    private readonly List<Journal> _told = [];
    private readonly Thread _writer;
    private List<Write> _gathering = [];
    private long _lastQueueId;
    private long _lastRunId;
    private bool _ending;
    private volatile bool _failed;
    private volatile bool _hasRoom = true;
    private bool _mayHaveEmptyPages;

    public SqliteStore(DataDirectory place, StoreContext context, Nearness near, long checkedBytes, long freeBytesMin)
    {
        (_place, _context, Near, _checkedBytes, _freeBytesMin) = (place, context, near, checkedBytes, freeBytesMin);
        _database = Database.Open(place, context.UnixOffset);
        _place.MakeReserve(ReserveBytes);
        LookForRoom();
        StorageMetrics.Opened(place);
        _writer = new Thread(WriteAll, 256 * 1024) { IsBackground = true, Name = "QueueIpc storage" };
    }

    public bool HasRoom => _hasRoom;

    public Nearness Near { get; }

    public IReadOnlyList<StoredQueue> Load()
    {
        var loader = new Loader(_database, _place, MonotonicClock.Now, Near.KeptBytes, _checkedBytes);
        var queues = loader.Load();
        foreach (var (rows, _) in queues)
        {
            _found.Add(rows.Name, rows);
        }

        (_lastQueueId, _lastRunId) = (loader.LastQueueId, loader.LastRunId);
        _writer.Start();
        Log.Opened(_context.Logger, _place.Path, queues.Count);
        return [.. queues.Select(queue => queue.Stored)];
    }

    public IQueueJournal Continue(string name, IJournalOwner owner) => new Journal(this, _found[name], owner);

    public IQueueJournal Create(string name, QueueSettings settings, IJournalOwner owner)
    {
        var journal = new Journal(this, new QueueRows(Interlocked.Increment(ref _lastQueueId), name, settings), owner);
        Gather(new Write(journal, RowKind.NewQueue));
        return journal;
    }

    /// <summary>What was written is kept before this returns, unless that is not possible any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_ending)
            {
                return;
            }

            _ending = true;
            Monitor.Pulse(_lock);
        }

        if (_writer.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            Close();
        }
        else
        {
            _writer.Join();
        }

        StorageMetrics.Closed(_place);
        _place.Dispose();
    }

    private void Gather(Write write)
    {
        lock (_lock)
        {
            // After the end nobody is told of anything any more.
            if (_failed)
            {
                return;
            }

            _gathering.Add(write);
            if (_gathering.Count == 1)
            {
                Monitor.Pulse(_lock);
            }
        }
    }

    private void WriteAll()
    {
        try
        {
            WriteUntilTheEnd();
        }
#pragma warning disable CA1031 // Whatever it is, nothing is kept any more, and the broker must know.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }

        Close();
    }

    private void WriteUntilTheEnd()
    {
        var writes = new List<Write>();
        while (TakeGathered(ref writes))
        {
            for (var at = 0; at < writes.Count && !_failed;)
            {
                at = WriteSome(writes, at);
            }

            writes.Clear();
            if (!_failed)
            {
                TidyUp();
            }
        }
    }

    /// <summary>Waits for something to write; or, when there is something else to do meanwhile, not for long. False at the end.</summary>
    private bool TakeGathered(ref List<Write> writes)
    {
        lock (_lock)
        {
            if (_gathering.Count == 0 && !_ending)
            {
                Monitor.Wait(_lock, !_hasRoom ? FullRetryMs : _mayHaveEmptyPages ? IdleMs : Timeout.Infinite);
            }

            (writes, _gathering) = (_gathering, writes);
            return writes.Count > 0 || !_ending;
        }
    }

    /// <summary>One commit, and everybody told; or one reading, which comes behind the commit of all that was written before it. Answers where the next begins.</summary>
    private int WriteSome(List<Write> writes, int at)
    {
        if (writes[at].Reading is { } reading)
        {
            Read(writes[at].Journal, reading);
            return at + 1;
        }

        var (bytes, first) = (0, at);
        _plan.Clear();
        _told.Clear();
        for (; at < writes.Count && bytes < CommitBytesMax && writes[at].Reading is null; at++)
        {
            bytes += PlanOne(writes[at]);
            _told.Add(writes[at].Journal);
        }

        foreach (var journal in _told)
        {
            journal.Rows.PlanRest(_plan);
        }

        var began = Stopwatch.GetTimestamp();
        if (!TryCommit())
        {
            return at;
        }

        StorageMetrics.Committed(Stopwatch.GetElapsedTime(began), _told.Count);
        if (StorageMetrics.CountsItems)
        {
            StorageMetrics.CommittedItems(writes[first..at].Sum(write => write.Changes?.Sum(change => (long)change.Count) ?? 0));
        }

        foreach (var change in _plan)
        {
            if (change.Run is { } run)
            {
                run.Pieces = null;
            }

            _mayHaveEmptyPages |= change.Kind == RowKind.RunGone;
        }

        foreach (var journal in _told)
        {
            journal.KeptWrites++;
        }

        foreach (var journal in _told)
        {
            journal.Tell();
        }

        return at;
    }

    /// <summary>What is not there, or not what was written, is not passed over: it would be lost without a word.</summary>
    private void Read(Journal journal, in Reading reading)
    {
        try
        {
            journal.Arrived(reading, RunReader.Read(_database, journal.Rows, reading));
        }
        catch (SqliteException e)
        {
            Fail(Database.InWords(e, _place));
        }
        catch (InvalidDataException e)
        {
            Fail(Database.Damaged(_place, e.Message, e));
        }
    }

    private int PlanOne(Write write)
    {
        var rows = write.Journal.Rows;
        switch (write.Kind)
        {
            case RowKind.NewQueue or RowKind.QueueState:
                _plan.Add(new RowChange(write.Kind, rows));
                return 0;
            case RowKind.QueueGone:
                rows.PlanEnd(_plan);
                return 0;
            default:
                var bytes = 0;
                var now = MonotonicClock.Now;
                foreach (ref readonly var change in write.Changes.AsSpan())
                {
                    bytes += rows.Plan(change, _plan, NewRunId, now);
                }

                MoveLeftBehind(rows);
                return bytes;
        }
    }

    private long NewRunId() => ++_lastRunId;

    /// <summary>
    /// Commits, and does not give up easily. A full disk has taken nothing: it is tried again until there is room. After any other error it is unknown what
    /// the disk has; the same once again on the same connection settles it, and a second error is the end of this store.
    /// </summary>
    private bool TryCommit()
    {
        for (var errors = 0; ;)
        {
            try
            {
                _database.Begin();
                foreach (ref readonly var change in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_plan))
                {
                    _database.Write(change);
                }

                _database.Commit();
                return true;
            }
            catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_FULL)
            {
                _database.Rollback();
                if (!WaitForRoom())
                {
                    return false;
                }
            }
            catch (SqliteException e)
            {
                _database.Rollback();
                if (++errors == 2)
                {
                    Fail(e);
                    return false;
                }
            }
        }
    }

    private void Fail(Exception e) => Fail(new IOException(
        $"The storage in '{_place.Path}' can keep nothing any more: {e.Message}. What was put and not confirmed may be there or not. Look at the disk, then start the broker again.", e));

    private void Fail(IOException inWords)
    {
        lock (_lock)
        {
            _failed = true;
            _gathering.Clear();
        }

        Log.Failed(_context.Logger, _place.Path, (inWords.InnerException ?? inWords).Message);
        _context.Failed(inWords);
    }

    private void Close()
    {
        try
        {
            if (!_failed)
            {
                _database.Execute("pragma wal_checkpoint(TRUNCATE)");
            }
        }
        catch (SqliteException)
        {
            // It is in the log, which is read at the next start.
        }

        _database.Dispose();
    }

    private readonly record struct Write(Journal Journal, RowKind Kind, Change[]? Changes = null, Reading? Reading = null);

    private sealed class Journal(SqliteStore store, QueueRows rows, IJournalOwner owner) : IQueueJournal
    {
        private long _told;

        public QueueRows Rows => rows;

        /// <summary>Counted and told by the writer alone.</summary>
        public long KeptWrites { get; set; }

        public void Tell()
        {
            if (_told != KeptWrites)
            {
                _told = KeptWrites;
                owner.Kept(KeptWrites);
            }
        }

        public void Arrived(in Reading reading, List<ItemRun> runs) => owner.Arrived(reading, runs);

        public void Read(in Reading reading) => store.Gather(new Write(this, default, Reading: reading));

        void IQueueJournal.Write(List<Change> changes) => store.Gather(new Write(this, RowKind.Item, [.. changes]));

        public void Delete() => store.Gather(new Write(this, RowKind.QueueGone));
    }
}
