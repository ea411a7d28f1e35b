using QueueIpc.Core;

namespace QueueIpc.Sqlite;

internal enum RowKind
{
    NewQueue,
    QueueState,
    QueueGone,
    Run,
    RunGone,
    Progress,
    Item,
    ItemFate,
    ItemGone,
    Producer,
    ProducerGone,
}

/// <summary>One row that is to be written or deleted. What it says can be written a second time: a commit that has failed is tried again.</summary>
internal readonly record struct RowChange(RowKind Kind, QueueRows Queue, Run? Run = null, StoredItem Item = default, long Sequence = 0, long DelayMicros = 0, StoredProducer? Producer = null);

/// <summary>A run of items as a row: what came together stays together. It goes when all of its places are gone.</summary>
internal sealed class Run(long id, long sequence)
{
    public long Id { get; } = id;

    /// <summary>The first item's.</summary>
    public long Sequence { get; } = sequence;

    public int Count { get; set; }

    public int Bytes { get; set; }

    public long PutAt { get; set; }

    /// <summary>Of the row that is written.</summary>
    public long Checksum { get; set; }

    /// <summary>Null as long as nothing is: most runs wait untouched.</summary>
    public GoneRanges? Gone { get; set; }

    /// <summary>Whether there is a row of progress for it.</summary>
    public bool HasProgress { get; set; }

    /// <summary>Whether more is gone than the row of progress says.</summary>
    public bool IsBehind { get; set; }

    /// <summary>What it is made of, until it is written.</summary>
    public List<ItemRun>? Pieces { get; set; }

    public long End => Sequence + Count;

    public int GoneCount => Gone?.Count ?? 0;

    public bool IsGone => GoneCount == Count;

    /// <summary>About how many of its bytes are of items that are gone.</summary>
    public long GoneBytes => (long)Bytes * GoneCount / Count;
}
