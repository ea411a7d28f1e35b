namespace QueueIpc.Core;

/// <summary>First in, first out: runs of items, from the first of which one or many are taken at a time.</summary>
internal sealed class ItemFifo
{
    private readonly RunFifo _runs = new();

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    public long PackedBytes { get; private set; }

    public Item First => _runs.First.First;

    public void Enqueue(in ItemRun run)
    {
        _runs.Enqueue(run);
        Count += run.Count;
        PackedBytes += run.PackedBytes;
    }

    public Item Dequeue() => Dequeue(countMax: 1, bytes: long.MaxValue).First;

    /// <summary>All of them, the first one first; for looking at them only.</summary>
    public IEnumerable<Item> Items => _runs.Runs.SelectMany(run => run.Each);

    public bool Has(long sequence) => _runs.Runs.Any(run => run.Has(sequence));

    /// <summary>Takes what is next and together: at most so many items, and none behind the one with which they have so many bytes.</summary>
    public ItemRun Dequeue(int countMax, long bytes)
    {
        ref var first = ref _runs.First;
        var taken = first.Reaching(countMax, bytes);
        Count -= taken.Count;
        PackedBytes -= taken.PackedBytes;
        if (taken.Count == first.Count)
        {
            _runs.RemoveFirst();
        }
        else
        {
            first = first.Behind(taken);
        }

        return taken;
    }
}
