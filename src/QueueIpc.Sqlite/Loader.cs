using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>Reads all queues of a database, and believes nothing: what does not add up is damage, and ends in words.</summary>
internal sealed class Loader(Database database, DataDirectory place, long now)
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
        foreach (var row in database.Rows("select r.id, r.queue, r.sequence, r.count, r.put_at, r.checksum, r.body, p.gone, p.checksum from run r left join progress p on p.run = r.id order by r.id"))
        {
            var (id, queue, sequence, count, putAt) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt64(4));
            var body = (byte[])row.GetValue(6);
            Check(Checksum.Of(body, id, queue, sequence, count, putAt) == row.GetInt64(5), $"run {id}");
            var gone = new GoneRanges();
            if (!row.IsDBNull(7))
            {
                var bytes = (byte[])row.GetValue(7);
                Check(Checksum.Of(bytes, id) == row.GetInt64(8), $"the progress of run {id}");
                gone = GoneRanges.FromBytes(bytes);
            }

            Check(_queues.TryGetValue(queue, out var found), $"run {id} is of a queue that is not there");
            var run = new Run(id, sequence) { Count = count, Bytes = body.Length, PutAt = database.FromUnix(putAt), Checksum = row.GetInt64(5), Gone = gone, HasProgress = gone.Count > 0 };
            found.Rows.Found(run);
            found.Rows.LastSequence = Math.Max(found.Rows.LastSequence, run.End - 1);
            found.Runs.AddRange(Slices(run, body));
            LastRunId = id;
        }
    }

    private void LoadItems()
    {
        foreach (var row in database.Rows("select queue, sequence, fate, failures, put_at, at, delay, reason, checksum, body from item order by queue, sequence"))
        {
            var (queue, sequence, fate, failures) = (row.GetInt64(0), row.GetInt64(1), (ChangeKind)row.GetInt32(2), row.GetInt32(3));
            var (putAt, at, delay) = (row.GetInt64(4), row.GetInt64(5), row.GetInt64(6));
            var body = (byte[])row.GetValue(9);
            var reason = row.IsDBNull(7) ? null : row.GetString(7);
            Check(Checksum.Of(body, reason, queue, sequence, (long)fate, failures, putAt, at, delay) == row.GetInt64(8), $"item {sequence} of queue {queue}");
            Check(_queues.TryGetValue(queue, out var found), $"item {sequence} is of a queue that is not there");
            var item = new Item(body, ItemBatch.PrefixBytes, new ItemBatch(body, 0, 1, body.Length).FirstLength, sequence, database.FromUnix(putAt), failures);

            // The date may have been set back since: nothing waits longer than it was to wait at first.
            var when = fate == ChangeKind.Delayed && at != Timed.Never ? Math.Min(database.FromUnix(at), now + delay) : database.FromUnix(at);
            found.Items.Add(new StoredItem(fate, item, when, reason));
            found.Rows.FoundItem(sequence);
            found.Rows.LastSequence = Math.Max(found.Rows.LastSequence, sequence);
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
        foreach (var (start, end) in run.Gone.Left(run.Count))
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
