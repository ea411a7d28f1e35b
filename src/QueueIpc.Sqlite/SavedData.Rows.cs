using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>How the rows of saved data are read: each counts if it is what was written, and is said to be lost if not.</summary>
internal sealed partial class SavedData
{
    private long QueueOfRun(long id, Dictionary<long, long> ends)
    {
        try
        {
            using var command = Command("select queue, sequence + count - 1 from run where id = $0", id);
            using var row = command.ExecuteReader();
            if (row.Read())
            {
                ends[row.GetInt64(0)] = row.GetInt64(1);
                return row.GetInt64(0);
            }
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException)
        {
            // Of no queue: that is said.
        }

        return 0;
    }

    private SavedQueue? ReadQueue(long id) => Read($"the row of queue {id}", "select name, capacity, max_bytes, lease_time, max_failures, closed, discarding, last_sequence, dropped, checksum from queue where id = $0", [id], row =>
    {
        var numbers = Enumerable.Range(1, 8).Select(row.GetInt64).ToArray();
        return Checksum.Of(System.Text.Encoding.UTF8.GetBytes(row.GetString(0)), [id, .. numbers]) == row.GetInt64(9)
            ? new SavedQueue(row.GetString(0))
            {
                Id = id,
                Capacity = row.GetInt32(1),
                MaxBytes = numbers[1],
                LeaseTimeMicros = numbers[2],
                MaxFailures = row.GetInt32(4),
                IsCompleted = numbers[4] != 0,
                IsDiscarding = numbers[5] != 0,
                LastSequence = numbers[6],
                Dropped = numbers[7],
            }
            : null;
    });

    private IEnumerable<SavedItem> ReadRun(long id)
    {
        if (Read($"run {id}", "select queue, sequence, count, put_at, checksum, body from run where id = $0", [id], row =>
            {
                var body = (byte[])row.GetValue(5);
                return Checksum.Of(body, id, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)) == row.GetInt64(4)
                    ? new ReadRunRow(new Run(id, row.GetInt64(1)) { Count = row.GetInt32(2), PutAt = row.GetInt64(3), Gone = GoneOf(id, row.GetInt64(1), row.GetInt32(2)) }, body)
                    : null;
            }) is not { } read)
        {
            return [];
        }

        return Loader.Slices(read.Run, read.Body).SelectMany(slice => slice.Each).Select(item => ItemOf(item) with { Sequence = item.Sequence, PutAt = read.Run.PutAt });
    }

    private GoneRanges GoneOf(long run, long sequence, int count)
    {
        try
        {
            using var command = Command("select gone, checksum from progress where run = $0", run);
            using var row = command.ExecuteReader();
            if (!row.Read())
            {
                return new GoneRanges();
            }

            var gone = (byte[])row.GetValue(0);
            if (Checksum.Of(gone, run) == row.GetInt64(1))
            {
                return GoneRanges.FromBytes(gone);
            }
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException)
        {
            // The same as a row that is not what was written.
        }

        _lost.Add($"which items of run {run} (numbers {sequence} to {sequence + count - 1}) were done with: all of them are said to be there");
        return new GoneRanges();
    }

    private SavedItem? ReadItem(long queue, long sequence) => Read($"item {sequence} of queue {queue}", "select fate, failures, put_at, at, delay, reason, checksum, body from item where queue = $0 and sequence = $1", [queue, sequence], row =>
    {
        var (fate, failures, putAt, at, delay) = ((ChangeKind)row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));
        var (reason, body) = (row.IsDBNull(5) ? null : row.GetString(5), (byte[])row.GetValue(7));
        if (Checksum.Of(body, reason, queue, sequence, (long)fate, failures, putAt, at, delay) != row.GetInt64(6))
        {
            return null;
        }

        return ItemOf(new Item(body, ItemBatch.PrefixBytes, new ItemBatch(body, 0, 1, body.Length).FirstLength, sequence, 0, 0)) with
        {
            Sequence = sequence,
            State = fate switch { ChangeKind.Delayed => SavedState.Delayed, ChangeKind.Died => SavedState.Dead, _ => SavedState.Ready },
            Failures = failures,
            PutAt = putAt,
            At = at,
            DelayMicros = delay,
            Reason = reason,
        };
    });

    private static SavedItem ItemOf(in Item item) => new(item.Length == Item.NullLength ? null : item.Bytes.ToArray()) { HasNote = item.Length >= Item.NoteFlag };

    /// <summary>One row. Null, and said among what is lost, if it is not there or not what was written.</summary>
    private T? Read<T>(string what, string sql, long[] keys, Func<SqliteDataReader, T?> read)
        where T : class
    {
        try
        {
            using var command = Command(sql, keys);
            using var row = command.ExecuteReader();
            if ((row.Read() ? read(row) : null) is { } found)
            {
                return found;
            }

            _lost.Add($"{what}: it is not what was written");
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException or InvalidOperationException or OverflowException)
        {
            _lost.Add($"{what}: {ErrorOf(e)}");
        }

        return null;
    }
}
