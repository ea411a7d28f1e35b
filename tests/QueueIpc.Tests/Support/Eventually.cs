using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace QueueIpc.Tests.Support;

internal static class Eventually
{
    /// <summary>Asks again and again, without sleeping, until it is so; fails when that takes too long.</summary>
    public static void True(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Times.Long, $"within {Times.Long.TotalSeconds} s it never was so: {what}");
            Thread.Yield();
        }
    }
}
