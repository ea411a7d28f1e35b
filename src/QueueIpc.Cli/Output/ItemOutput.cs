using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Output;

/// <summary>How many items of a batch were printed. When it is over, nobody reads any more, and nothing needs to be printed again.</summary>
internal readonly record struct Printed(int Items, bool IsOver);

/// <summary>Where items are printed, and how far whoever reads them has come: what was not printed goes back to the queue.</summary>
internal abstract class ItemOutput : IDisposable
{
    /// <summary>Prints a batch. <paramref name="ends"/> says where each of its items ends.</summary>
    public abstract Printed Print(ReadOnlySpan<byte> bytes, IReadOnlyList<int> ends);

    public abstract void Dispose();

    public static ItemOutput Open(CancellationToken stop) =>
        StandardFile.IsOutputClosed ? throw ClosedOutput.Failure
        : OperatingSystem.IsLinux() && LinuxPipeOutput.TryOpen(stop) is { } pipe ? pipe : new PlainOutput();

    /// <summary>How many items, from one on, end there or before.</summary>
    protected static int CountUntil(int end, IReadOnlyList<int> ends, int from = 0)
    {
        var count = 0;
        while (from + count < ends.Count && ends[from + count] <= end)
        {
            count++;
        }

        return count;
    }
}
