using System.Buffers;
using System.Diagnostics;
using QueueIpc.Cli.Output;

namespace QueueIpc.Cli.Items;

/// <summary>
/// Leases items, prints them, and only then acks them: whatever happens in between, what was not printed goes back. It takes as
/// many at a time as are printed in a few milliseconds, so that a slow reader keeps little from the queue's other consumers.
/// </summary>
internal sealed class ItemPrinter(IpcQueue<byte[]?> queue, ItemOutput output, ItemForm form)
{
    private const int BatchMax = 4096;
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(5);

    private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);
    private readonly List<int> _ends = [];
    private int _batch = 1;

    /// <summary>How many items were printed.</summary>
    public long Count { get; private set; }

    /// <summary>Nobody reads the output any more, or the command was told to stop.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Prints what is there, waiting for the first item only. False when none came in time, or it is over.</summary>
    public async Task<bool> PrintNextAsync(long max, TimeSpan timeout, CancellationToken stop)
    {
        var leases = await queue.LeaseManyAsync((int)Math.Min(max, _batch), timeout, stop);
        if (leases.Count == 0)
        {
            return false;
        }

        var watch = Stopwatch.StartNew();
        var printed = Print(leases);
        await SettleAsync(leases, printed.Items);
        Count += printed.Items;
        IsOver = printed.IsOver;
        _batch = watch.Elapsed > BatchTime ? Math.Max(1, _batch / 2) : leases.Count == _batch ? Math.Min(BatchMax, _batch * 2) : _batch;
        return !IsOver;
    }

    private Printed Print(IReadOnlyList<QueueLease<byte[]?>> leases)
    {
        _bytes.ResetWrittenCount();
        _ends.Clear();
        foreach (var lease in leases)
        {
            ItemLine.Write(lease.Item, lease.Failures, form, _bytes);
            _ends.Add(_bytes.WrittenCount);
        }

        return output.Print(_bytes.WrittenSpan, _ends);
    }

    private async Task SettleAsync(IReadOnlyList<QueueLease<byte[]?>> leases, int printed)
    {
        if (printed > 0)
        {
            queue.AckMany(leases.Take(printed));
        }

        await Task.WhenAll(leases.Skip(printed).Select(lease => lease.ReleaseAsync().AsTask()));
    }
}
