using System.Diagnostics;

namespace QueueIpc.Tests.Support;

/// <summary>A random moment is what a few tests are about: this is how they get to it. Never to wait for something.</summary>
internal static class Spin
{
    public static void For(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            Thread.SpinWait(10);
        }
    }
}
