using System.Diagnostics;

namespace QueueIpc;

/// <summary>The only clock there is: microseconds that never go back, whatever is done to the machine's date.</summary>
internal static class MonotonicClock
{
    private static readonly double TicksPerMicrosecond = Stopwatch.Frequency / 1e6;

    public static long Now => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp() / 1000
        : (long)(Stopwatch.GetTimestamp() / TicksPerMicrosecond);
}
