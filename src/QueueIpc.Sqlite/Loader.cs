using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>Reads all queues of a database, and believes nothing: what does not add up is damage, and ends in words.</summary>
internal sealed class Loader(Database database, DataDirectory place, long now, long keptBytes, long checkedBytes)
{
    private readonly Dictionary<long, (QueueRows Rows, List<ItemRun> Runs, List<StoredItem> Items, List<StoredProducer> Producers)> _queues = [];

    public long LastRunId { get; private set; }

    public long LastQueueId { get; private set; }

    public IReadOnlyList<(QueueRows Rows, StoredQueue Stored)> Load()
    {
        try
        {
            LoadQueues();
            LoadRuns();
            LoadItems();
            LoadProducers();
        }
        catch (SqliteException e)
        {
            throw Database.InWords(e, place);
        }
        catch (InvalidDataException e)
        {
            throw Database.Damaged(place, e.Message, e);
        }
        catch (Exception e) when (e is InvalidCastException or InvalidOperationException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw Database.Damaged(place, $"a row cannot be read: {e.Message.TrimEnd('.')}", e);
        }

        return [.. _queues.Values.Select(queue => (queue.Rows, Stored(queue.Rows, queue.Runs, queue.Items, queue.Producers)))];
    }

    private static StoredQueue Stored(QueueRows rows, List<ItemRun> runs, List<StoredItem> items, List<StoredProducer> producers) => new(rows.Name, rows.Settings)
    {
        IsClosed = rows.IsClosed,
        IsDiscarding = rows.IsDiscarding,
        LastSequence = rows.LastSequence,
        Dropped = rows.Dropped,
        Runs = runs,
        Items = items,
        Producers = producers,
    };

    private void LoadQueues()
    {
        foreach (var row in database.Rows("select id, name, capacity, max_bytes, lease_time, max_failures, closed, discarding, last_sequence, dropped, checksum from queue order by id"))
        {
            var (id, name) = (row.GetInt64(0), row.GetString(1));
            Check(Checksum.Of(System.Text.Encoding.UTF8.GetBytes(name), id, row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9)) == row.GetInt64(10), $"the row of queue {id}");
            var settings = new QueueSettings { Capacity = row.GetInt32(2), MaxBytes = row.GetInt64(3), LeaseTime = row.GetInt64(4), MaxFailures = row.GetInt32(5) };
            var rows = new QueueRows(id, name, settings)
            {
                IsClosed = row.GetInt64(6) != 0,
                IsDiscarding = row.GetInt64(7) != 0,
                LastSequence = row.GetInt64(8),
                Dropped = row.GetInt64(9),
            };
            _queues.Add(id, (rows, [], [], []));
            LastQueueId = id;
        }
    }

    private void LoadRuns()
    {
        // The length of a body costs nothing; the body itself may be most of the disk.
        var runs = new List<(QueueRows Rows, List<ItemRun> Items, Run Run)>();
        foreach (var row in database.Rows("select r.id, r.queue, r.sequence, r.count, r.put_at, r.checksum, length(r.body), p.gone, p.checksum from run r left join progress p on p.run = r.id order by r.id"))
        {
            var (id, queue, sequence, count, putAt, bytes) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt64(4), row.GetInt32(6));
            Check(_queues.TryGetValue(queue, out var found), $"run {id} is of a queue that is not there");
            var run = new Run(id, sequence) { Count = count, Bytes = bytes, PutAt = database.FromUnix(putAt), Checksum = row.GetInt64(5) };
            Check(count > 0 && bytes >= (long)count * ItemBatch.PrefixBytes && sequence > found.Rows.LastRun, $"run {id}");
            if (!row.IsDBNull(7))
            {
                var gone = (byte[])row.GetValue(7);
                Check(Checksum.Of(gone, id) == row.GetInt64(8), $"the progress of run {id}");
                (run.Gone, run.HasProgress) = (GoneRanges.FromBytes(gone), true);
            }

            found.Rows.Found(run);
            found.Rows.LastSequence = Math.Max(found.Rows.LastSequence, run.End - 1);
            runs.Add((found.Rows, found.Runs, run));
            LastRunId = id;
        }

        LoadItemsOf(runs);
    }

    /// <summary>
    /// The first bytes of each queue, and all that is not in order. Others are read and let go, to see that they are what was written; or, where that is much,
    /// they are left where they are until they are wanted.
    /// </summary>
    private void LoadItemsOf(List<(QueueRows Rows, List<ItemRun> Items, Run Run)> runs)
    {
        var delivered = database.Rows("select queue, max(sequence) from item group by queue").ToDictionary(row => row.GetInt64(0), row => row.GetInt64(1));
        var here = new Dictionary<long, long>();
        var (rest, last) = (checkedBytes, 0L);
        foreach (var (_, _, run) in runs.TakeWhile(one => (rest -= one.Run.Bytes) >= 0))
        {
            last = run.Id;
        }

        using var bodies = database.Rows($"select id, body from run where id <= {last} order by id").GetEnumerator();
        foreach (var (rows, items, run) in runs)
        {
            var isOutOfOrder = run.Sequence <= delivered.GetValueOrDefault(rows.Id);
            if (run.Id > last && !isOutOfOrder && run.GoneCount == 0)
            {
                items.Add(ItemRun.Away(run.Sequence, run.Count, run.Bytes, run.PutAt));
                continue;
            }

            var body = run.Id > last ? database.BodyOf(rows, run) : bodies.MoveNext() ? (byte[])bodies.Current.GetValue(1) : [];
            Check(database.IsBodyOf(rows, run, body), $"run {run.Id}");
            foreach (var slice in Slices(run, body))
            {
                var isKept = isOutOfOrder || here.GetValueOrDefault(rows.Id) + slice.PackedBytes <= keptBytes;
                items.Add(isKept ? slice : slice.WithoutBytes());
                here[rows.Id] = here.GetValueOrDefault(rows.Id) + slice.PackedBytes;
            }
        }
    }

    private void LoadItems()
    {
        foreach (var row in database.Rows("select queue, sequence, fate, failures, put_at, at, delay, reason, checksum, body from item order by queue, sequence"))
        {
            var stored = database.ReadItem(row, row.GetInt64(0), 1, out var delay);
            Check(_queues.TryGetValue(row.GetInt64(0), out var found), $"item {stored.Item.Sequence} is of a queue that is not there");

            // The date may have been set back since: nothing waits longer than it was to wait at first.
            found.Items.Add(stored.Fate == ChangeKind.Delayed && stored.At != Timed.Never ? stored with { At = Math.Min(stored.At, now + delay) } : stored);
            found.Rows.FoundItem(stored.Item.Sequence);
            found.Rows.LastSequence = Math.Max(found.Rows.LastSequence, stored.Item.Sequence);
        }
    }

    private void LoadProducers()
    {
        foreach (var row in database.Rows("select queue, id, last, missing, at, checksum from producer order by queue"))
        {
            var (queue, id, last, missing, at) = (row.GetInt64(0), (byte[])row.GetValue(1), row.GetInt64(2), (byte[])row.GetValue(3), row.GetInt64(4));
            Check(Checksum.Of([.. id, .. missing], queue, last, at) == row.GetInt64(5), $"a producer of queue {queue}");
            Check(_queues.TryGetValue(queue, out var found), $"a producer is of queue {queue}, which is not there");
            var ranges = missing.Chunk(2 * sizeof(long)).Select(range => (BitConverter.ToInt64(range), BitConverter.ToInt64(range, sizeof(long))));

            // The date may have been set back since: nobody has put something in the future.
            found.Producers.Add(new StoredProducer(new Guid(id), last, [.. ranges], Math.Min(now, database.FromUnix(at))));
        }
    }

    /// <summary>What is left of a run: as many runs as there are ranges.</summary>
    public static IEnumerable<ItemRun> Slices(Run run, byte[] body)
    {
        var (rest, at) = (new ItemBatch(body, 0, run.Count, body.Length), 0);
        foreach (var (start, end) in run.Gone?.Left(run.Count) ?? [(0, run.Count)])
        {
            rest = rest.Behind(rest.Fitting(start - at, long.MaxValue));
            var slice = rest.Fitting(end - start, long.MaxValue);
            yield return ItemRun.Accept(slice, run.Sequence + start, run.PutAt);
            (rest, at) = (rest.Behind(slice), end);
        }
    }

    private void Check(bool isSo, string what)
    {
        if (!isSo)
        {
            throw Database.Damaged(place, $"{what} is not what was written");
        }
    }
}
