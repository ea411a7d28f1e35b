namespace QueueIpc.Sqlite;

/// <summary>Which places of a run are gone: ranges, in order, that do not touch. Mostly one, from the beginning.</summary>
internal sealed class GoneRanges
{
    private readonly List<(int Start, int End)> _ranges = [];

    public int Count { get; private set; }

    /// <summary>How many of the places from <paramref name="start"/> to before <paramref name="end"/> were not gone yet; now they are.</summary>
    public int Add(int start, int end)
    {
        var at = _ranges.Count;
        while (at > 0 && _ranges[at - 1].End >= start)
        {
            at--;
        }

        var (first, removed, before) = (at, 0, 0);
        for (; first + removed < _ranges.Count && _ranges[first + removed].Start <= end; removed++)
        {
            var (from, to) = _ranges[first + removed];
            before += to - from;
            (start, end) = (Math.Min(start, from), Math.Max(end, to));
        }

        _ranges.RemoveRange(first, removed);
        _ranges.Insert(first, (start, end));
        var added = end - start - before;
        Count += added;
        return added;
    }

    /// <summary>The places that are there, range by range.</summary>
    public IEnumerable<(int Start, int End)> Left(int places)
    {
        var next = 0;
        foreach (var (start, end) in _ranges)
        {
            if (start > next)
            {
                yield return (next, start);
            }

            next = end;
        }

        if (next < places)
        {
            yield return (next, places);
        }
    }

    /// <summary>As numbers of 7 bits each with a bit for "more follows": how far from the last, and how many.</summary>
    public byte[] ToBytes()
    {
        var bytes = new List<byte>();
        var last = 0;
        foreach (var (start, end) in _ranges)
        {
            Write(start - last);
            Write(end - start);
            last = end;
        }

        return [.. bytes];

        void Write(int value)
        {
            for (; value > 0x7F; value >>= 7)
            {
                bytes.Add((byte)(value | 0x80));
            }

            bytes.Add((byte)value);
        }
    }

    public static GoneRanges FromBytes(ReadOnlySpan<byte> bytes)
    {
        var ranges = new GoneRanges();
        for (var last = 0; !bytes.IsEmpty;)
        {
            var start = last + Read(ref bytes);
            last = start + Read(ref bytes);
            ranges.Add(start, last);
        }

        return ranges;

        static int Read(ref ReadOnlySpan<byte> bytes)
        {
            var (value, shift) = (0, 0);
            while (true)
            {
                var one = bytes[0];
                bytes = bytes[1..];
                value |= (one & 0x7F) << shift;
                if (one <= 0x7F)
                {
                    return value;
                }

                shift += 7;
            }
        }
    }
}
