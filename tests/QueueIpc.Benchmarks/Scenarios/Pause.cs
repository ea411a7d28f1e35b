using System.Runtime.InteropServices;

namespace QueueIpc.Benchmarks;

/// <summary>Waits until a moment that comes sooner than .NET's sleep of a millisecond can hit.</summary>
internal static partial class Pause
{
    private const long NanosOfASecond = 1_000_000_000;

    public static void Until(long nanos)
    {
        while (nanos - Latency.Nanos is > 0 and var left)
        {
            if (OperatingSystem.IsWindows())
            {
                Thread.Sleep((int)(left / 1_000_000));
            }
            else
            {
                _ = NanoSleep([left / NanosOfASecond, left % NanosOfASecond], 0);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(long[] time, nint remaining);
}
