using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>
/// The data in a directory that no broker has, for looking at them and for copying them out. Nothing is changed, and what cannot be read is said and left
/// out: a row counts only if it is what was written.
/// </summary>
internal sealed partial class SavedData : IDisposable
{
    /// <summary>SQLite's SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE.</summary>
    private const int NoCheckpointOnClose = 1006;

    private readonly DataDirectory _place;
    private readonly SqliteConnection _connection;
    private readonly List<string> _lost = [];
    private readonly List<SavedQueue> _queues = [];
    private Dictionary<long, List<long>>? _runs;
    private Dictionary<long, List<long>>? _items;

    private SavedData(DataDirectory place)
    {
        _place = place;
        _connection = Connect(place);
        Version = Ask("pragma user_version");
    }

    /// <summary>What could not be read so far, in words.</summary>
    public IReadOnlyList<string> Lost => _lost;

    /// <summary>Of the form of the data.</summary>
    public long Version { get; }

    public long FileBytes => new FileInfo(_place.Database).Length;

    public long LogBytes => LogLength(_place);

    /// <summary>Bytes of the file that are free for what comes next.</summary>
    public long EmptyBytes => Ask("pragma freelist_count") * Ask("pragma page_size");

    public static SavedData Open(string path)
    {
        var place = DataDirectory.Hold(path);
        SavedData? data = null;
        try
        {
            data = new SavedData(place);
            if (data.Version > Database.Version)
            {
                throw Database.NewerVersion(place, data.Version);
            }

            return data;
        }
        catch (SqliteException e)
        {
            place.Dispose();
            throw Database.InWords(e, place);
        }
        catch
        {
            data?.Dispose();
            place.Dispose();
            throw;
        }
    }

    /// <summary>What each queue has, without looking at the items themselves.</summary>
    public IReadOnlyList<SavedCounts> Count()
    {
        try
        {
            return [.. Queues().Select(CountOf)];
        }
        catch (SqliteException e)
        {
            throw Database.InWords(e, _place);
        }
    }

    /// <summary>What SQLite finds wrong in the structure of the file.</summary>
    public IEnumerable<string> StructureFaults()
    {
        var faults = new List<string>();
        try
        {
            using var command = Command("pragma integrity_check(100)");
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                faults.AddRange(row.GetString(0).Split('\n').Where(line => line is not ("ok" or "")));
            }
        }
        catch (SqliteException e)
        {
            faults.Add(ErrorOf(e));
        }

        return faults;
    }

    /// <summary>All queues that have a row of their own or anything else there.</summary>
    public IReadOnlyList<SavedQueue> Queues()
    {
        if (_runs is null)
        {
            var ends = new Dictionary<long, long>();
            _runs = ByQueue(Walk("run", "id", "id desc").Select(key => (QueueOfRun(key.Second, ends), key.Second)));
            _items = ByQueue(Walk("item", "queue, sequence", "queue desc, sequence desc"));
            foreach (var queue in Walk("queue", "id", "id desc").Select(key => ReadQueue(key.Second)).OfType<SavedQueue>())
            {
                // Its row says how far the numbers have come only when nothing else does.
                var last = Math.Max(ends.GetValueOrDefault(queue.Id), _items.TryGetValue(queue.Id, out var items) ? items[^1] : 0);
                _queues.Add(queue with { LastSequence = Math.Max(queue.LastSequence, last) });
            }

            foreach (var run in _runs.GetValueOrDefault(0, []))
            {
                _lost.Add($"run {run}");
            }

            foreach (var id in _runs.Keys.Union(_items.Keys).Except(_queues.Select(queue => queue.Id).Append(0)).Order())
            {
                var name = $"unknown-{id}";
                _lost.Add($"the name and the options of queue {id}: its items are said to be of '{name}'");
                _queues.Add(new SavedQueue(name) { Id = id });
            }
        }

        return _queues;
    }

    /// <summary>Its items in their order.</summary>
    public IEnumerable<SavedItem> ItemsOf(SavedQueue queue)
    {
        Queues();
        using var alone = _items!.GetValueOrDefault(queue.Id, []).Select(sequence => ReadItem(queue.Id, sequence)).OfType<SavedItem>().GetEnumerator();
        var hasAlone = alone.MoveNext();
        foreach (var item in _runs!.GetValueOrDefault(queue.Id, []).SelectMany(ReadRun))
        {
            for (; hasAlone && alone.Current.Sequence < item.Sequence; hasAlone = alone.MoveNext())
            {
                yield return alone.Current;
            }

            // One that moved to a row of its own is there once, as what it became.
            if (!hasAlone || alone.Current.Sequence != item.Sequence)
            {
                yield return item;
            }
        }

        for (; hasAlone; hasAlone = alone.MoveNext())
        {
            yield return alone.Current;
        }
    }

    /// <summary>Who put what by its own numbers; only a broker has a use for that.</summary>
    public void CheckProducers()
    {
        foreach (var (queue, number) in Walk("(select queue, row_number() over (partition by queue order by id) place from producer)", "queue, place", "queue desc, place desc"))
        {
            Read($"producer {number} of queue {queue}", "select id, missing, last, at, checksum from producer where queue = $0 order by id limit 1 offset $1 - 1", [queue, number], row =>
                Checksum.Of([.. (byte[])row.GetValue(0), .. (byte[])row.GetValue(1)], queue, row.GetInt64(2), row.GetInt64(3)) == row.GetInt64(4) ? this : null);
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _place.Dispose();
    }

    public static string ErrorOf(Exception e) => e is SqliteException sqlite ? SQLitePCL.raw.sqlite3_errstr(sqlite.SqliteErrorCode).utf8_to_string() : e.Message.TrimEnd('.');

    private static long LogLength(DataDirectory place) => new FileInfo(place.Log) is { Exists: true, Length: var bytes } ? bytes : 0;

    /// <summary>Without a log the file is read as it stands, also where nothing may be written. With one it must be read through it, and no file is made for that.</summary>
    private static SqliteConnection Connect(DataDirectory place)
    {
        var hasLog = LogLength(place) > 0;
        var source = hasLog ? place.Database : $"{new Uri(Path.GetFullPath(place.Database)).AbsoluteUri}?immutable=1";
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = hasLog ? SqliteOpenMode.ReadWrite : SqliteOpenMode.ReadOnly,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            _ = SQLitePCL.raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, 1, out _);
            using var command = connection.CreateCommand();
            command.CommandText = "pragma locking_mode=EXCLUSIVE; pragma cache_size=-16384; select count(*) from sqlite_schema";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private SavedCounts CountOf(SavedQueue queue)
    {
        long ready = 0, bytes = 0;
        using (var runs = Command("select count, length(body), gone from run left join progress on progress.run = run.id where queue = $0", queue.Id))
        using (var row = runs.ExecuteReader())
        {
            while (row.Read())
            {
                ready += row.GetInt64(0) - (row.IsDBNull(2) ? 0 : GoneRanges.FromBytes((byte[])row.GetValue(2)).Count);
                bytes += row.GetInt64(1);
            }
        }

        var alone = new long[(int)ChangeKind.Updated + 1];
        using (var items = Command("select fate, count(*), sum(length(body)) from item where queue = $0 group by fate", queue.Id))
        using (var row = items.ExecuteReader())
        {
            while (row.Read())
            {
                alone[row.GetInt32(0)] += row.GetInt64(1);
                bytes += row.GetInt64(2);
            }
        }

        return new SavedCounts(queue, ready + alone[(int)ChangeKind.Returned], alone[(int)ChangeKind.Delayed], alone[(int)ChangeKind.Died], bytes);
    }

    private IReadOnlyCollection<(long First, long Second)> Walk(string table, string keys, string keysDescending)
    {
        var walk = new RowWalk(_connection, table, keys, keysDescending);
        var found = walk.Keys();
        if (walk.Lost is { } lost)
        {
            _lost.Add(lost);
        }

        return found;
    }

    private static Dictionary<long, List<long>> ByQueue(IEnumerable<(long Queue, long Key)> keys) =>
        keys.GroupBy(key => key.Queue, key => key.Key).ToDictionary(group => group.Key, group => group.ToList());

    private long Ask(string sql)
    {
        using var command = Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<long> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i}", values[i]);
        }

        return command;
    }

    private sealed record ReadRunRow(Run Run, byte[] Body);
}
