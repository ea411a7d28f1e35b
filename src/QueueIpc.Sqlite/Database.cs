using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>The SQLite file: how it is opened, its tables, and one statement for each kind of row.</summary>
internal sealed partial class Database : IDisposable
{
    /// <summary>Written into the file. A higher number than this is from a newer version.</summary>
    public const int Version = 1;

    private const int PageBytes = 16 * 1024;

    /// <summary>With less than this on the disk, an error at the opening may come from that.</summary>
    private const int MinBytesToOpen = 1024 * 1024;
    private const string OldestSqlite = "3.51.3";

    /// <summary>SQLITE_DBSTATUS_CACHE_WRITE: of a connection with a log, the pages that it has written into that.</summary>
    private const int PagesWritten = 9;

    private const string Tables = """
        create table queue(id integer primary key, name text not null unique, capacity integer not null, max_bytes integer not null, lease_time integer not null,
            max_failures integer not null, closed integer not null, discarding integer not null, last_sequence integer not null, dropped integer not null, checksum integer not null);
        create table run(id integer primary key, queue integer not null, sequence integer not null, count integer not null, put_at integer not null, checksum integer not null, body blob not null);
        create table progress(run integer primary key, gone blob not null, checksum integer not null);
        create table item(queue integer not null, sequence integer not null, fate integer not null, failures integer not null, put_at integer not null, at integer not null,
            delay integer not null, reason text, checksum integer not null, body blob not null, primary key(queue, sequence)) without rowid;
        create table producer(queue integer not null, id blob not null, last integer not null, missing blob not null, at integer not null, checksum integer not null,
            primary key(queue, id)) without rowid;
        """;

    private readonly SqliteConnection _connection;
    private readonly long _unixOffset;
    private readonly Dictionary<RowKind, SqliteCommand> _commands;
    private readonly SqliteCommand _progressGone;
    private readonly SqliteCommand _itemsGone;
    private readonly SqliteCommand _producersGone;
    private readonly SqliteCommand _bodyOf;
    private readonly SqliteCommand _itemsOf;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;

    private Database(SqliteConnection connection, long unixOffset)
    {
        (_connection, _unixOffset) = (connection, unixOffset);
        _commands = new()
        {
            [RowKind.NewQueue] = Prepare("insert into queue values($0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10)", 11),
            [RowKind.QueueState] = Prepare("insert or replace into queue values($0,$1,$2,$3,$4,$5,$6,$7,$8,$9,$10)", 11),
            [RowKind.QueueGone] = Prepare("delete from queue where id=$0", 1),
            [RowKind.Run] = Prepare("insert into run values($0,$1,$2,$3,$4,$5,$6)", 7),
            [RowKind.RunGone] = Prepare("delete from run where id=$0", 1),
            [RowKind.Progress] = Prepare("insert or replace into progress values($0,$1,$2)", 3),
            [RowKind.Item] = Prepare("insert into item values($0,$1,$2,$3,$4,$5,$6,$7,$8,$9)", 10),
            [RowKind.ItemFate] = Prepare("update item set fate=$2, failures=$3, put_at=$4, at=$5, delay=$6, reason=$7, checksum=$8 where queue=$0 and sequence=$1", 9),
            [RowKind.Producer] = Prepare("insert or replace into producer values($0,$1,$2,$3,$4,$5)", 6),
            [RowKind.ProducerGone] = Prepare("delete from producer where queue=$0 and id=$1", 2),
            [RowKind.ItemGone] = Prepare("delete from item where queue=$0 and sequence=$1", 2),
        };
        _progressGone = Prepare("delete from progress where run=$0", 1);
        _itemsGone = Prepare("delete from item where queue=$0", 1);
        _producersGone = Prepare("delete from producer where queue=$0", 1);
        _bodyOf = Prepare("select body from run where id=$0", 1);
        _itemsOf = Prepare("select sequence, fate, failures, put_at, at, delay, reason, checksum, body from item where queue=$0 and sequence between $1 and $2 order by sequence", 3);
        _begin = Prepare("begin immediate", 0);
        _commit = _connection.CreateCommand();
        _commit.CommandText = "commit";
    }

    /// <summary>Opens the file in a directory that is ours, or makes it. On a full disk the space that is kept back is for this, too.</summary>
    public static Database Open(DataDirectory place, long unixOffset)
    {
        try
        {
            return OpenOnce(place, unixOffset);
        }
        catch (IOException) when (place.HasReserve && place.FreeBytes < MinBytesToOpen)
        {
            place.GiveUpReserve();
            return OpenOnce(place, unixOffset);
        }
    }

    private static Database OpenOnce(DataDirectory place, long unixOffset)
    {
        DataDirectory.MakeFile(place.Database);
        FlushLog(place.Log);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = place.Database, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            CheckSqlite(connection.ServerVersion);
            SetUp(connection, place);
            return new Database(connection, unixOffset);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw InWords(e, place);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static IOException InWords(SqliteException e, DataDirectory place) => e.SqliteErrorCode switch
    {
        5 => new IOException($"The database in '{place.Path}' is in use by another program. End it, or name another directory.", e),
        11 or 26 => Damaged(place, e.Message, e),
        _ => new IOException($"The database in '{place.Path}' cannot be used: {e.Message}", e),
    };

    public static IOException Damaged(DataDirectory place, string what, Exception? inner = null) => new(
        $"The data in '{place.Path}' is damaged: {what}. What is there was left as it is. Go back to a copy of the directory, or name another one; 'queueipc data export' saves what can be read.", inner);

    public static IOException NewerVersion(DataDirectory place, long version) =>
        new($"The data in '{place.Path}' was written by a newer version (format {version}; this one knows {Version}). Nothing was changed; use that version.");

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    /// <summary>What was begun is undone; after some errors SQLite has done it already.</summary>
    public void Rollback()
    {
        try
        {
            Execute("rollback");
        }
        catch (SqliteException)
        {
            // No transaction is open.
        }
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public long Ask(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// How much went into the log since it was last emptied. Its file does not say it: that stays as long as it was, and is written over from its beginning.
    /// </summary>
    public long LogBytes
    {
        get
        {
            SQLitePCL.raw.sqlite3_db_status(_connection.Handle, PagesWritten, out var pages, out _, resetFlg: 0);
            return (long)pages * PageBytes;
        }
    }

    /// <summary>What is in the log goes to its place in the file; the next commit begins the log anew.</summary>
    public void EmptyLog()
    {
        Execute("pragma wal_checkpoint(PASSIVE)");
        SQLitePCL.raw.sqlite3_db_status(_connection.Handle, PagesWritten, out _, out _, resetFlg: 1);
    }

    /// <summary>The rows of a query, one at a time: it is always the same reader.</summary>
    public IEnumerable<SqliteDataReader> Rows(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            yield return row;
        }
    }

    /// <summary>What the disk has of a run, if it is what was written.</summary>
    public byte[] BodyOf(QueueRows queue, Run run)
    {
        _bodyOf.Parameters[0].Value = run.Id;
        return _bodyOf.ExecuteScalar() is byte[] body && IsBodyOf(queue, run, body)
            ? body
            : throw new InvalidDataException($"run {run.Id} is not what was written");
    }

    public bool IsBodyOf(QueueRows queue, Run run, byte[] body) => ChecksumOf(queue, run, body) == run.Checksum;

    /// <summary>The items of these numbers that are as they were put, and have rows of their own because they were left behind; if they are what was written.</summary>
    public List<Item> ItemsOf(QueueRows queue, long first, long last)
    {
        Set(_itemsOf, queue.Id, first, last);
        using var row = _itemsOf.ExecuteReader();
        var items = new List<Item>();
        while (row.Read())
        {
            var stored = ReadItem(row, queue.Id, 0, out _);
            if (stored is { Fate: ChangeKind.Returned, Item.Failures: 0 })
            {
                items.Add(stored.Item);
            }
        }

        return items;
    }

    /// <summary>The item of a row whose columns begin with the sequence number at <paramref name="at"/>.</summary>
    public StoredItem ReadItem(SqliteDataReader row, long queue, int at, out long delay)
    {
        var (sequence, fate, failures, putAt, when) = (row.GetInt64(at), (ChangeKind)row.GetInt32(at + 1), row.GetInt32(at + 2), row.GetInt64(at + 3), row.GetInt64(at + 4));
        delay = row.GetInt64(at + 5);
        var reason = row.IsDBNull(at + 6) ? null : row.GetString(at + 6);
        var body = (byte[])row.GetValue(at + 8);
        if (Checksum.Of(body, reason, queue, sequence, (long)fate, failures, putAt, when, delay) != row.GetInt64(at + 7))
        {
            throw new InvalidDataException($"item {sequence} of queue {queue} is not what was written");
        }

        var item = new Item(body, ItemBatch.PrefixBytes, new ItemBatch(body, 0, 1, body.Length).FirstLength, sequence, FromUnix(putAt), failures);
        return new StoredItem(fate, item, FromUnix(when), reason);
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values.Concat([_progressGone, _itemsGone, _producersGone, _bodyOf, _itemsOf, _begin, _commit]))
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    public long ToUnix(long time) => time == Timed.Never ? time : time + _unixOffset;

    public long FromUnix(long time) => time == Timed.Never ? time : time - _unixOffset;

    /// <summary>
    /// A log that could not be flushed lies in the system's memory as if it were on the disk. Written over with its own bytes and flushed, it is.
    /// </summary>
    private static void FlushLog(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var piece = new byte[64 * 1024];
        for (long at = 0; RandomAccess.Read(file, piece, at) is > 0 and var bytes; at += bytes)
        {
            RandomAccess.Write(file, piece.AsSpan(0, bytes), at);
        }

        RandomAccess.FlushToDisk(file);
    }

    private static void CheckSqlite(string version)
    {
        if (System.Version.Parse(version) < System.Version.Parse(OldestSqlite))
        {
            throw new IOException($"The program brings SQLite {version}; {OldestSqlite} or later is needed. Reference a newer SourceGear.sqlite3 or SQLitePCLRaw package.");
        }
    }

    private static void SetUp(SqliteConnection connection, DataDirectory place)
    {
        // The order matters: in exclusive mode before anything looks at the file, the lock is taken at once, and the log's index lives in memory.
        Do("pragma locking_mode=EXCLUSIVE");
        Do($"pragma page_size={PageBytes}");
        Do("pragma auto_vacuum=INCREMENTAL");
        if (Do("pragma journal_mode=WAL") is not "wal" and var mode)
        {
            throw new IOException($"The database in '{place.Path}' cannot keep a log: its journal mode is '{mode}'. Name a directory on another disk.");
        }

        Do("pragma synchronous=FULL");
        Do("pragma cache_size=-16384");
        Do("pragma journal_size_limit=67108864");
        Do("pragma wal_autocheckpoint=0");
        var version = Convert.ToInt64(Do("pragma user_version"), System.Globalization.CultureInfo.InvariantCulture);
        if (version > Version)
        {
            throw NewerVersion(place, version);
        }

        if (version == 0)
        {
            Do($"begin immediate; {Tables} pragma user_version={Version}; commit");
        }

        // Checksums tell of rows that changed, and this of rows that are missing, or came back.
        if (Do("pragma quick_check(1)") is not "ok" and var damage)
        {
            throw Damaged(place, $"{damage}");
        }

        Do("pragma wal_checkpoint(TRUNCATE)");

        object? Do(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar();
        }
    }

    private long ChecksumOf(QueueRows queue, Run run, ReadOnlySpan<byte> body) => Checksum.Of(body, run.Id, queue.Id, run.Sequence, run.Count, ToUnix(run.PutAt));

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
        }

        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Set(command, values);
        command.ExecuteNonQuery();
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
