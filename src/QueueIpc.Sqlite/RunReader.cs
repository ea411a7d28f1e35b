using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>Reads items that a queue knows of and does not have: from the rows of runs, and those that were left behind from rows of their own.</summary>
internal static class RunReader
{
    public static List<ItemRun> Read(Database database, QueueRows rows, in Reading reading)
    {
        var (first, last) = (reading.First, reading.Last);
        List<ItemRun> found =
        [
            .. rows.RunsOf(first, last).SelectMany(run => Loader.Slices(run, database.BodyOf(rows, run))).Where(slice => slice.First.Sequence <= last && slice.Last >= first)
                .Select(slice => Within(slice, first, last)),
        ];
        if (rows.HasItems)
        {
            found.AddRange(database.ItemsOf(rows, first, last).Select(item => new ItemRun(item)));
            found.Sort((one, other) => one.First.Sequence.CompareTo(other.First.Sequence));
        }

        return found.Sum(run => run.Count) == reading.Count ? found : throw new InvalidDataException($"some of the items {first} to {last} of queue {rows.Id} are missing");
    }

    private static ItemRun Within(in ItemRun run, long first, long last)
    {
        var part = run.First.Sequence < first ? run.Behind(run.Reaching((int)(first - run.First.Sequence), long.MaxValue)) : run;
        return part.Last > last ? part.Reaching((int)(last - part.First.Sequence) + 1, long.MaxValue) : part;
    }
}
