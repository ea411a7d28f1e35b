namespace QueueIpc.Core;

/// <summary>Says of which producer a put is, and how its items are numbered, so that one that comes again is known.</summary>
/// <param name="Producer">Who numbers: a client's random id, the same on all of its connections.</param>
/// <param name="First">The first item's number; those behind it have the next ones. Counted from 1.</param>
/// <param name="OldestOpen">No item below this number comes again: its producer has heard what became of it.</param>
/// <param name="Age">How long ago it was sent for the first time, in microseconds; 0 if that is now.</param>
internal readonly record struct PutNumber(Guid Producer, long First, long OldestOpen, long Age = 0)
{
    public bool IsGiven => First > 0;

    public PutNumber Behind(int count) => this with { First = First + count };
}

/// <summary>
/// Which items of one producer a queue has accepted: all up to the last one, apart from those that are missing. It has no more to know than what may
/// still come again.
/// </summary>
internal sealed class Producer(Guid id, long last = 0, IEnumerable<(long First, long Last)>? missing = null)
{
    private readonly List<(long First, long Last)> _missing = [.. missing ?? []];

    /// <summary>When it last put something.</summary>
    public long At { get; set; }

    /// <summary>How many of these, from the first one on, were accepted before.</summary>
    public int AcceptedOf(in PutNumber number, int count)
    {
        if (number.First > last)
        {
            return 0;
        }

        var end = last;
        foreach (var (missingFirst, missingLast) in _missing)
        {
            if (missingLast >= number.First)
            {
                end = missingFirst - 1;
                break;
            }
        }

        return (int)Math.Clamp(end - number.First + 1, 0, count);
    }

    /// <summary>
    /// Whether this item was refused before: one behind it was accepted, and puts of one producer are decided in their order. Accepted now, it would come behind that one.
    /// </summary>
    public bool WasRefused(in PutNumber number) => number.First <= last;

    public void Accept(in PutNumber number, int count)
    {
        if (number.First > last + 1)
        {
            _missing.Add((last + 1, number.First - 1));
        }

        last = number.First + count - 1;
        var oldest = number.OldestOpen;
        _missing.RemoveAll(range => range.Last < oldest);
        if (_missing is [var (missingFirst, missingLast), ..] && missingFirst < oldest)
        {
            _missing[0] = (oldest, missingLast);
        }
    }

    public StoredProducer ToStored() => new(id, last, [.. _missing], At);
}

/// <summary>A producer as it is kept.</summary>
internal sealed record StoredProducer(Guid Id, long Last, IReadOnlyList<(long First, long Last)> Missing, long At);
