using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A call that nobody waits for any more does not keep its process.</summary>
public sealed class PendingCallAtExitTests
{
    private static readonly TimeSpan ExitMax = TimeSpan.FromSeconds(2);

    [Fact]
    public void Case37_Exit_WithAGetAsyncPending_TakesLessThanTwoSeconds()
    {
        using var queue = IpcQueue.Create<int>();
        using var leaving = IpcQueue.Create<int>();
        using var child = WorkerProcess.Start(LeaveAGetBehind, queue, leaving);
        leaving.Get(Times.Long);
        var watch = Stopwatch.StartNew();

        Assert.True(child.WaitForExit(Times.Long));

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, ExitMax);
        Assert.Equal(0, child.ExitCode);
        Eventually.True(() => queue.GetInfo().WaitingGets == 0);
    }

    private static void LeaveAGetBehind(IpcQueue<int> queue, IpcQueue<int> leaving)
    {
        _ = queue.GetAsync().AsTask();
        while (queue.GetInfo().WaitingGets == 0)
        {
            Thread.Yield();
        }

        leaving.Put(1);
    }
}
