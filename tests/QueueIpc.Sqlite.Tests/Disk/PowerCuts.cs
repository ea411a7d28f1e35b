namespace QueueIpc.Sqlite.Tests.Disk;

/// <summary>What a disk keeps when the power goes: all that was flushed, and of the rest nothing, all, some writes, or some sectors of each.</summary>
internal sealed class PowerCuts(IReadOnlyList<Call> calls, Random random, string directory, int itemChars)
{
    private const int SectorBytes = 512;

    private readonly Dictionary<string, (List<byte> Kept, List<Call> Pending)> _files = new()
    {
        ["queues.db"] = ([], []),
        ["queues.db-wal"] = ([], []),
    };

    /// <summary>Whether a flush of the log does anything: without, it must be noticed.</summary>
    public bool LogIsFlushed { get; init; } = true;

    /// <summary>Cuts so often, half of the times just when somebody was told something. Answers what was wrong with what was left.</summary>
    public List<string> Cut(int times)
    {
        var faults = new List<string>();
        var first = IndexOf(0, CallKind.Said);
        var places = new HashSet<int>();
        while (places.Count < Math.Min(times, (calls.Count - first) / 2))
        {
            places.Add(places.Count % 2 == 0 ? IndexOf(random.Next(first, calls.Count - 1), CallKind.Said) : random.Next(first, calls.Count));
        }

        var words = new Words(itemChars);
        for (var at = 0; at < calls.Count; at++)
        {
            Do(calls[at], words);
            if (places.Contains(at))
            {
                var how = random.Next(4);
                Leave(how);
                if (words.FaultOf(directory) is { } fault)
                {
                    faults.Add($"cut behind call {at} ({(How)how}): {fault}");
                }
            }
        }

        return faults;
    }

    private int IndexOf(int from, CallKind kind)
    {
        for (var at = from; at < calls.Count; at++)
        {
            if (calls[at].Kind == kind)
            {
                return at;
            }
        }

        return from;
    }

    private void Do(Call call, Words words)
    {
        switch (call.Kind)
        {
            case CallKind.Said:
                words.Hear(call.File);
                break;
            case CallKind.Flush when LogIsFlushed || call.File == "queues.db":
                var (kept, pending) = _files[call.File];
                pending.ForEach(each => Apply(kept, each));
                pending.Clear();
                break;
            case CallKind.Write or CallKind.Truncate:
                _files[call.File].Pending.Add(call);
                break;
        }
    }

    private void Leave(int how)
    {
        foreach (var (name, (kept, pending)) in _files)
        {
            List<byte> left = [.. kept];
            foreach (var call in pending)
            {
                switch ((How)how)
                {
                    case How.All:
                    case How.SomeWrites when random.Next(2) == 0:
                        Apply(left, call);
                        break;
                    case How.SomeSectors when call.Kind == CallKind.Write:
                        for (var at = 0; at < call.Bytes.Length; at += SectorBytes)
                        {
                            if (random.Next(2) == 0)
                            {
                                Apply(left, call with { Offset = call.Offset + at, Bytes = call.Bytes[at..Math.Min(at + SectorBytes, call.Bytes.Length)] });
                            }
                        }

                        break;
                }
            }

            File.WriteAllBytes(Path.Combine(directory, name), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(left));
        }
    }

    private static void Apply(List<byte> file, Call call)
    {
        var length = call.Kind == CallKind.Truncate ? (int)call.Offset : Math.Max(file.Count, (int)call.Offset + call.Bytes.Length);
        System.Runtime.InteropServices.CollectionsMarshal.SetCount(file, length);
        call.Bytes.CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(file)[(int)call.Offset..]);
    }

    private enum How
    {
        Nothing,
        All,
        SomeWrites,
        SomeSectors,
    }
}
