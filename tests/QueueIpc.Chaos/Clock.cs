using System.Diagnostics;

namespace QueueIpc.Chaos;

/// <summary>Microseconds of the machine's monotonic clock, the same in all its processes.</summary>
internal static class Clock
{
    public static long Now => (long)(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1e6));

    /// <summary>Waits until that moment: a schedule, never a way to wait for something to have happened.</summary>
    public static void WaitUntil(long at)
    {
        while (at - Now is > 0 and var left)
        {
            Thread.Sleep((int)Math.Min((left + 999) / 1000, int.MaxValue));
        }
    }
}
