using Microsoft.Data.Sqlite;

namespace QueueIpc.Sqlite;

/// <summary>
/// The keys of a table's rows, as many as can be reached. Where a page cannot be read, what is behind it is looked for from the other end, and then in
/// between, in halves. Keys are pairs; a table with one number for a key has the first number 0.
/// </summary>
internal sealed class RowWalk(SqliteConnection connection, string table, string keys, string keysDescending)
{
    /// <summary>So many looks into what is damaged, at most: what they do not find is given up.</summary>
    private const int LooksMax = 2_000;

    /// <summary>Where nothing says what the last key is, it is looked for so far.</summary>
    private const int KeysBeyondMax = 1_000_000;

    private readonly SortedSet<(long, long)> _found = [];

    /// <summary>Answers what could not be read, in words; null if that is nothing.</summary>
    public string? Lost { get; private set; }

    public IReadOnlyCollection<(long First, long Second)> Keys()
    {
        // Without limits: a key whose bits have turned must not end it.
        if (Look($"select {keys} from {table} order by {keys}") is not { } low)
        {
            return _found;
        }

        var high = Look($"select {keys} from {table} order by {keysDescending}") ?? low;
        Lost = $"rows of '{table}' between {Words(low.Last)} and {Words(high.Last)}: {low.Error}";
        LookBetween(low.Last, high.Last);
        return _found;
    }

    private void LookBetween((long First, long Second)? low, (long First, long Second)? high)
    {
        var from = low ?? (high?.First ?? 0, 0);
        var to = high ?? (from.First, from.Second + KeysBeyondMax);
        if (from.First == to.First)
        {
            LookBetween(from.First, from.Second + 1, to.Second - 1);
        }
        else
        {
            LookBetween(from.First, from.Second + 1, from.Second + KeysBeyondMax);
            LookBetween(to.First, 1, to.Second - 1);
        }
    }

    private void LookBetween(long first, long low, long high)
    {
        var gaps = new Queue<(long Low, long High)>([(low, high)]);
        for (var looks = 0; looks < LooksMax && gaps.TryDequeue(out var gap); looks++)
        {
            if (gap.Low > gap.High)
            {
                continue;
            }

            var limits = $"({keys}) >= ({Key(first, gap.Low)}) and ({keys}) <= ({Key(first, gap.High)})";
            if (Look($"select {keys} from {table} where {limits} order by {keys}") is not { } from)
            {
                continue;
            }

            var to = Look($"select {keys} from {table} where {limits} order by {keysDescending}") ?? from;
            var (start, end) = ((from.Last?.Second ?? (gap.Low - 1)) + 1, (to.Last?.Second ?? (gap.High + 1)) - 1);
            if (start < end)
            {
                var middle = start + ((end - start) / 2);
                gaps.Enqueue((start, middle));
                gaps.Enqueue((middle + 1, end));
            }
        }
    }

    /// <summary>Reads keys until it is over, or an error: then the last key before it.</summary>
    private (string Error, (long First, long Second)? Last)? Look(string sql)
    {
        (long, long)? last = null;
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var row = command.ExecuteReader();
            while (row.Read())
            {
                last = row.FieldCount == 1 ? (0, row.GetInt64(0)) : (row.GetInt64(0), row.GetInt64(1));
                _found.Add(last.Value);
            }

            return null;
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException or InvalidOperationException)
        {
            return (SavedData.ErrorOf(e), last);
        }
    }

    private string Key(long first, long second) => keys.Contains(',', StringComparison.Ordinal) ? $"{first}, {second}" : $"{second}";

    private static string Words((long First, long Second)? key) => key switch
    {
        null => "the beginning or the end",
        (0, var second) => $"{second}",
        var (first, second) => $"{first}/{second}",
    };
}
