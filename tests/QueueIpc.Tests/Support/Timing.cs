using System.Diagnostics;

namespace QueueIpc.Tests.Support;

/// <summary>Asserts how long calls take. Call them once before: what is measured is the queue, not the compiler.</summary>
internal static class Timing
{
    /// <summary>A timeout is a hard bound: never early, and at most 100 ms late.</summary>
    public static void Takes(TimeSpan timeout, Action call)
    {
        var watch = Stopwatch.StartNew();
        call();
        Assert.InRange(watch.Elapsed, timeout, timeout + Times.Short);
    }

    public static async Task TakesAsync(TimeSpan timeout, Func<Task> call)
    {
        var watch = Stopwatch.StartNew();
        await call();
        Assert.InRange(watch.Elapsed, timeout, timeout + Times.Short);
    }
}
