using System.Diagnostics;

namespace QueueIpc.Cli.Output;

/// <summary>One queue as 'top' sees it: its numbers now, its rates since the last look, and how many were ready at the last looks.</summary>
internal sealed class TopRow(QueueInfo queue)
{
    public const int HistoryMax = 16;

    private const string Levels = "▁▂▃▄▅▆▇█";

    private readonly Queue<int> _history = new([queue.Ready]);

    public QueueInfo Queue { get; private set; } = queue;

    public double PutRate { get; private set; }

    public double TakenRate { get; private set; }

    /// <summary>Ready, leased, dead, in/s, out/s, oldest, kept.</summary>
    public string[] Numbers =>
    [
        Words.Number(Queue.Ready),
        Words.Number(Queue.Leased),
        Words.Number(Queue.Dead),
        Words.Number(PutRate),
        Words.Number(TakenRate),
        Queue.Ready > 0 ? Words.Age(Queue.OldestAge) : "-",
        Queue.IsDurable ? "disk" : "memory",
    ];

    /// <summary>The last looks as bars; the highest of them is the full height.</summary>
    public string Sparkline(int bars)
    {
        var shown = _history.TakeLast(bars).ToArray();
        var max = shown.DefaultIfEmpty().Max();
        return string.Concat(shown.Select(ready => Levels[LevelOf(ready, max)]));
    }

    /// <summary>The lowest is for nothing at all: a few items beside a million are to be seen.</summary>
    private static int LevelOf(int ready, int max) => ready == 0 ? 0 : Math.Max(1, (int)((long)ready * (Levels.Length - 1) / max));

    public void Update(QueueInfo now, double seconds)
    {
        PutRate = Math.Max(0, now.TotalPut - Queue.TotalPut) / seconds;
        TakenRate = Math.Max(0, now.TotalTaken - Queue.TotalTaken) / seconds;
        Queue = now;
        _history.Enqueue(now.Ready);
        if (_history.Count > HistoryMax)
        {
            _history.Dequeue();
        }
    }
}

/// <summary>All queues as 'top' sees them.</summary>
internal sealed class TopRows
{
    private Dictionary<string, TopRow> _rows = [];
    private long _lookedAt = Stopwatch.GetTimestamp();

    /// <summary>The worst first: where the first item has waited longest, then where most wait, then where most are dead.</summary>
    public IReadOnlyList<TopRow> All =>
    [
        .. _rows.Values.OrderByDescending(row => row.Queue.Ready > 0 ? (long)row.Queue.OldestAge.TotalSeconds : -1)
            .ThenByDescending(row => row.Queue.Ready).ThenByDescending(row => row.Queue.Dead).ThenBy(row => row.Queue.Name, StringComparer.Ordinal),
    ];

    public void Update(IReadOnlyList<QueueInfo> queues)
    {
        var seconds = Math.Max(Stopwatch.GetElapsedTime(_lookedAt).TotalSeconds, 0.001);
        _lookedAt = Stopwatch.GetTimestamp();
        var next = new Dictionary<string, TopRow>();
        foreach (var queue in queues)
        {
            if (_rows.TryGetValue(queue.Name, out var row))
            {
                row.Update(queue, seconds);
            }

            next.Add(queue.Name, row ?? new TopRow(queue));
        }

        _rows = next;
    }
}
