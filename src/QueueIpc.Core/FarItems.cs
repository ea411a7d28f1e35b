namespace QueueIpc.Core;

/// <summary>
/// What waits behind the items at the head, run by run. The first run is on the disk alone; some behind it may have their bytes in memory as well.
/// </summary>
internal sealed class FarItems
{
    private readonly RunFifo _runs = new();

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes that are in memory.</summary>
    public long BytesHere { get; private set; }

    public ItemRun First => _runs.First;

    public bool Has(long sequence) => _runs.Runs.Any(run => run.Has(sequence));

    public bool HasAway(long sequence) => _runs.Runs.Any(run => !run.IsHere && run.Has(sequence));

    public void Enqueue(in ItemRun run)
    {
        _runs.Enqueue(run);
        Count += run.Count;
        BytesHere += run.IsHere ? run.PackedBytes : 0;
    }

    public ItemRun Dequeue()
    {
        var run = _runs.First;
        _runs.RemoveFirst();
        Count -= run.Count;
        BytesHere -= run.IsHere ? run.PackedBytes : 0;
        return run;
    }

    /// <summary>The first runs that are on the disk alone, with so many bytes at most, or one.</summary>
    public Reading Next(long bytesMax, out int runs)
    {
        var (count, last) = (0, 0L);
        runs = 0;
        foreach (var run in _runs.Runs)
        {
            bytesMax -= run.PackedBytes;
            if (run.IsHere || (runs > 0 && bytesMax < 0))
            {
                break;
            }

            runs++;
            count += run.Count;
            last = run.Last;
        }

        return new Reading(First.First.Sequence, last, count);
    }
}
