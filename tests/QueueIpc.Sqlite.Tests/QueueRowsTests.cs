using QueueIpc.Core;

namespace QueueIpc.Sqlite.Tests;

/// <summary>What a queue keeps on the disk for items that stay while others go.</summary>
public sealed class QueueRowsTests
{
    private const int Runs = 400;
    private const int ItemsInRun = 1000;
    private const int ItemBytes = 64;
    private const int RunBytes = ItemsInRun * (ItemBytes + ItemBatch.PrefixBytes);

    private static readonly byte[] Body = [.. Enumerable.Repeat<byte[]>([.. BitConverter.GetBytes(ItemBytes), .. new byte[ItemBytes]], ItemsInRun).SelectMany(item => item)];

    private readonly QueueRows _rows = new(1, "jobs", new QueueSettings());
    private readonly HashSet<long> _runsKept = [];
    private readonly HashSet<long> _itemsKept = [];
    private long _lastRunId;

    /// <summary>One item of each run is held (a lease, say), also the whole first run; all others are done with.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Plan_OneItemOfEachRunStays_ItsNeighboursDoNot(int runsUntouchedAtTheHead)
    {
        for (var run = 0; run < Runs; run++)
        {
            Put(run);
        }

        for (var run = runsUntouchedAtTheHead; run < Runs; run++)
        {
            Do(new Change(ChangeKind.Taken, (run * (long)ItemsInRun) + 1, ItemsInRun - 1));
        }

        var kept = _runsKept.Count * (long)RunBytes;
        Assert.True(kept < 6 * 1024 * 1024, $"{_runsKept.Count} runs with {kept:N0} bytes are kept for {Runs} items.");
        Assert.Equal(Runs - runsUntouchedAtTheHead, _itemsKept.Count + _runsKept.Count - runsUntouchedAtTheHead);

        // What stayed can go: nothing is left.
        for (var run = 0; run < Runs; run++)
        {
            Do(new Change(ChangeKind.Taken, (run * (long)ItemsInRun) + 1, ItemsInRun));
        }

        Assert.Empty(_runsKept);
        Assert.Empty(_itemsKept);
    }

    private void Put(int run)
    {
        var first = (run * (long)ItemsInRun) + 1;
        Do(new Change(ChangeKind.Accepted, first, ItemsInRun, ItemRun.Accept(new ItemBatch(Body, 0, ItemsInRun, RunBytes), first, 0)));
    }

    /// <summary>One commit, as the store makes it.</summary>
    private void Do(in Change change)
    {
        var plan = new List<RowChange>();
        _rows.Plan(change, plan, () => ++_lastRunId, now: 0);
        while (_rows.LeftBehind is { } run)
        {
            _rows.PlanMove(run, [.. Loader.Slices(run, Body).SelectMany(slice => slice.Each).Select(item => new StoredItem(ChangeKind.Returned, item))], plan);
        }

        _rows.PlanRest(plan);
        foreach (var row in plan)
        {
            switch (row.Kind)
            {
                case RowKind.Run:
                    Assert.True(_runsKept.Add(row.Run!.Id));
                    row.Run.Pieces = null;
                    break;
                case RowKind.RunGone:
                    Assert.True(_runsKept.Remove(row.Run!.Id));
                    break;
                case RowKind.Item:
                    Assert.True(_itemsKept.Add(row.Item.Item.Sequence));
                    break;
                case RowKind.ItemGone:
                    Assert.True(_itemsKept.Remove(row.Sequence));
                    break;
            }
        }
    }
}
