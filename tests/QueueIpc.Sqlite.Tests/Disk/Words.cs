using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using QueueIpc.Chaos.Disk;
using QueueIpc.Core;
using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests.Disk;

/// <summary>What the callers of a writer were told, and what must be in its directory therefore.</summary>
internal sealed class Words(int itemChars)
{
    private const long NumbersOfEach = 1_000_000;

    private readonly HashSet<long> _accepted = [];
    private readonly HashSet<long> _begun = [];
    private readonly HashSet<long> _done = [];

    public int Accepted => _accepted.Count;

    public int Done => _done.Count;

    /// <summary>How it ended; null if it has not said.</summary>
    public string? End { get; private set; }

    public void Hear(string line)
    {
        switch (line[0])
        {
            case 'A':
                _accepted.Add(Number(line));
                break;
            case 'B':
                _begun.Add(Number(line));
                break;
            case 'D':
                _done.Add(Number(line));
                break;
            default:
                End = line[2..];
                break;
        }
    }

    /// <summary>What is wrong with the directory, by all that was said so far; null if nothing is.</summary>
    public string? FaultOf(string directory)
    {
        List<long> there;
        try
        {
            there = Read(directory);
        }
        catch (IOException e)
        {
            return e.Message;
        }

        var found = there.ToHashSet();
        return _accepted.FirstOrDefault(number => !found.Contains(number) && !_begun.Contains(number)) is var lost and > 0 ? $"item {lost} was accepted and is lost"
            : _done.FirstOrDefault(found.Contains) is var back and > 0 ? $"item {back} was acked and is back"
            : found.Count != there.Count ? "an item is there twice"
            : there.GroupBy(number => number / NumbersOfEach).Any(each => !each.Order().SequenceEqual(each)) ? "the order is not that of the puts"
            : null;
    }

    /// <summary>With the product's own means: as a broker would at its start.</summary>
    private List<long> Read(string directory)
    {
        // All of it in memory, however much that is: each item is looked at.
        using var store = new SqliteStorage(directory) { Near = new Nearness(KeptBytes: long.MaxValue, AheadBytes: long.MaxValue), CheckedBytes = long.MaxValue }.Open(new StoreContext(NullLogger.Instance, WallClock.UnixMicros - MonotonicClock.Now, _ => { }, () => { }));
        return [.. store.Load().SelectMany(queue => queue.Runs.SelectMany(run => run.Each).Concat(queue.Items.Select(item => item.Item)).OrderBy(item => item.Sequence)).Select(item => NumberOf(item.Bytes))];
    }

    private long NumberOf(ReadOnlySpan<byte> item)
    {
        var text = MessagePack.MessagePackSerializer.Deserialize<string>(item.ToArray(), cancellationToken: CancellationToken.None);
        var number = Number($"X {text.Split(' ')[0]}");
        return text == DiskWriter.ItemOf(number, itemChars) ? number : throw new IOException($"an item is none that was put: {text}");
    }

    private static long Number(string line) => long.Parse(line.AsSpan(2), CultureInfo.InvariantCulture);
}
