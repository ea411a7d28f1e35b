using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace QueueIpc.Tests.Support;

internal static class Eventually
{
    /// <summary>Asks again and again until it is so, soon only now and then: the processor is for what is waited for. Fails when that takes too long.</summary>
    public static void True(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var watch = Stopwatch.StartNew();
        for (var wait = new SpinWait(); !condition(); wait.SpinOnce())
        {
            Assert.True(watch.Elapsed < Times.Long, $"within {Times.Long.TotalSeconds} s it never was so: {what}");
        }
    }
}
