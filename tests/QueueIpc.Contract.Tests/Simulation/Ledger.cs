using System.Diagnostics.CodeAnalysis;

namespace QueueIpc.Tests.Simulation;

internal enum PutFate
{
    UnderWay,
    Accepted,
    Refused,

    /// <summary>The connection was lost before the answer came.</summary>
    Unknown,
}

/// <summary>
/// What the callers know: which items they were told are put, and which were handed to whom. It knows nothing of how queues work but this:
/// an item is somebody's who put it, is with one caller at a time, and is gone only when a caller has it or somebody wanted it gone.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<long, Entry> _entries = [];
    private string? _firstFailure;

    public void Put(long id) => _entries.Add(id, new Entry());

    public void PutEnded(long id, PutFate fate)
    {
        var entry = _entries[id];
        Check(entry.Fate == PutFate.UnderWay, $"The put of item {id} ended twice");
        Check(!(fate == PutFate.Refused && entry.WasSeen), $"The put of item {id} was refused, but somebody had the item");
        entry.Fate = fate;
    }

    /// <summary>Whoever put it is no more: if he was not told, nobody will be.</summary>
    public void Forget(long id)
    {
        var entry = _entries[id];
        entry.Fate = entry.Fate == PutFate.UnderWay ? PutFate.Unknown : entry.Fate;
    }

    /// <summary>A caller was given the item, for good or for the time being.</summary>
    /// <param name="id">The item.</param>
    /// <param name="mayBeStale">Whether the caller may have lost it before it came: a lease that has expired on the way, a pipe that broke.</param>
    /// <param name="mayBeOver">Asked when the item comes to another caller: whether the first may have lost it meanwhile.</param>
    public void HandedOver(long id, bool mayBeStale, Func<bool> mayBeOver)
    {
        Check(_entries.TryGetValue(id, out var entry), $"Item {id} came from nowhere");
        Check(entry.Fate != PutFate.Refused, $"Item {id} came, and its put was refused");
        Check(mayBeStale || !entry.IsTaken, $"Item {id} came again after it was gone");
        Check(mayBeStale || entry.MayBeOver(), $"Item {id} is with two callers at a time");
        (entry.WasSeen, entry.MayBeOver) = (true, mayBeOver);
    }

    /// <summary>A caller saw that the item is there and cannot be read.</summary>
    public void Seen(long id)
    {
        Check(_entries.TryGetValue(id, out var entry), $"Item {id} came from nowhere");
        Check(entry.Fate != PutFate.Refused, $"Item {id} is dead, and its put was refused");
        entry.WasSeen = true;
    }

    /// <summary>The broker has let go of the item because it was told that a caller has it.</summary>
    public void Taken(long id)
    {
        var entry = _entries[id];
        Check(entry.WasSeen, $"Item {id} was confirmed, and no caller has it");
        Check(!entry.IsGone, $"Item {id} has gone twice");
        entry.IsTaken = entry.IsGone = true;
    }

    /// <summary>The broker has let go of the item because somebody wanted it so.</summary>
    public void Dropped(long id) => _entries[id].IsGone = true;

    /// <summary>When all queues were emptied at last: <paramref name="dead"/> is what is left.</summary>
    public void CheckNothingIsLost(IReadOnlySet<long> dead)
    {
        foreach (var (id, entry) in _entries)
        {
            Check(entry.Fate != PutFate.UnderWay, $"The put of item {id} never ended");
            Check(!(entry.Fate == PutFate.Accepted && !entry.IsGone && !dead.Contains(id)), $"Item {id} was accepted, and is lost");
        }
    }

    /// <summary>The first failure is the one: a caller that fails may be heard of later than what comes of it.</summary>
    private void Check([DoesNotReturnIf(false)] bool isSo, string otherwise)
    {
        _firstFailure ??= isSo ? null : otherwise;
        Assert.True(_firstFailure is null, _firstFailure);
    }

    private sealed class Entry
    {
        public PutFate Fate { get; set; }

        public bool WasSeen { get; set; }

        public bool IsTaken { get; set; }

        public bool IsGone { get; set; }

        public Func<bool> MayBeOver { get; set; } = () => true;
    }
}
