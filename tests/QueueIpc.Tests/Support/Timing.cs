using System.Diagnostics;

namespace QueueIpc.Tests.Support;

/// <summary>
/// Asserts how long calls take: never early, and at most 100 ms late. A machine that is busy may hold up any one of them, so a late one is asked again: a queue
/// that is late by itself is late every time. (That each single deadline is kept to the microsecond is what the simulation sees, in a time of its own.)
/// </summary>
internal static class Timing
{
    private const int Tries = 10;

    public static void Takes(TimeSpan timeout, Action call)
    {
        for (var tries = 1; !IsInTime(timeout, Run.Timed(call), tries); tries++)
        {
        }
    }

    public static async Task TakesAsync(TimeSpan timeout, Func<Task> call)
    {
        for (var tries = 1; !IsInTime(timeout, await Run.TimedAsync(call), tries); tries++)
        {
        }
    }

    /// <summary>For what can be measured only where it happens: <paramref name="timed"/> does it once, and says how long it took.</summary>
    public static void Takes(TimeSpan timeout, Func<TimeSpan> timed)
    {
        for (var tries = 1; !IsInTime(timeout, timed(), tries); tries++)
        {
        }
    }

    private static bool IsInTime(TimeSpan timeout, TimeSpan took, int tries)
    {
        Assert.True(took >= timeout, $"it took {took.TotalMilliseconds} ms, and that is less than {timeout.TotalMilliseconds}");
        var isInTime = took <= timeout + Times.Short;
        Assert.True(isInTime || tries < Tries, $"{tries} times in a row it took more than {timeout.TotalMilliseconds} ms and 100, the last time {took.TotalMilliseconds}");
        return isInTime;
    }
}
