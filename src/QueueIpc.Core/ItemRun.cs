namespace QueueIpc.Core;

/// <summary>
/// Items that follow each other in the queue and in the bytes they came in, and were accepted together: many are kept, delivered
/// and confirmed at the cost of one.
/// </summary>
internal readonly struct ItemRun
{
    private ItemRun(in Item first, in ItemBatch items)
    {
        (First, Count, PackedBytes) = (first, items.Count, items.PackedBytes);
    }

    public ItemRun(in Item alone)
        : this(alone, alone.Packed)
    {
    }

    /// <summary>The other items have the places behind the first one's.</summary>
    public Item First { get; }

    public int Count { get; }

    public int PackedBytes { get; }

    public ItemBatch Items => new(First.Buffer, First.Offset - ItemBatch.PrefixBytes, Count, PackedBytes);

    public int StoredBytes => Items.StoredBytes;

    /// <summary>The last item's place.</summary>
    public long Last => First.Sequence + Count - 1;

    /// <summary>Whether its bytes are in memory.</summary>
    public bool IsHere => First.Buffer is not null;

    /// <summary>The items one by one, for looking at them only.</summary>
    public IEnumerable<Item> Each
    {
        get
        {
            foreach (var item in this)
            {
                yield return item;
            }
        }
    }

    /// <summary>A batch as it is accepted, with the place in the queue that its first item gets.</summary>
    public static ItemRun Accept(in ItemBatch items, long sequence, long putAt) =>
        new(new Item(items.Buffer, items.Offset + ItemBatch.PrefixBytes, items.FirstLength, sequence, putAt, failures: 0), items);

    /// <summary>A run whose bytes are on a disk: it can be counted, and that is all.</summary>
    public static ItemRun Away(long sequence, int count, int packedBytes, long putAt) =>
        new(new Item(null!, 0, 0, sequence, putAt, failures: 0), new ItemBatch(null!, 0, count, packedBytes));

    public ItemRun WithoutBytes() => IsHere ? Away(First.Sequence, Count, PackedBytes, First.PutAt) : this;

    public bool Has(long sequence) => sequence >= First.Sequence && sequence <= Last;

    /// <summary>See <see cref="ItemBatch.Reaching"/>.</summary>
    public ItemRun Reaching(int countMax, long bytes) => new(First, Items.Reaching(countMax, bytes));

    /// <summary>What is left behind those at the beginning; it must be something.</summary>
    public ItemRun Behind(in ItemRun beginning)
    {
        var rest = Items.Behind(beginning.Items);
        return new(First.Next(rest, beginning.Count), rest);
    }

    /// <summary>The items one by one.</summary>
    public Enumerator GetEnumerator() => new(this);

    public struct Enumerator(ItemRun run)
    {
        private int _place = -1;

        public Item Current { get; private set; }

        public bool MoveNext()
        {
            if (++_place == run.Count)
            {
                return false;
            }

            Current = _place == 0 ? run.First : Current.Behind();
            return true;
        }
    }
}
