using System.Diagnostics;

namespace QueueIpc.Tests.Support;

/// <summary>Runs what blocks: on a thread of its own, or under a stop watch.</summary>
internal static class Run
{
    /// <summary>A thread of its own, so that a hundred blocked callers do not wait for the thread pool to grow.</summary>
    public static Task OnThread(Action body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static Task<TResult> OnThread<TResult>(Func<TResult> body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public static TimeSpan Timed(Action body)
    {
        var watch = Stopwatch.StartNew();
        body();
        return watch.Elapsed;
    }

    public static async Task<TimeSpan> TimedAsync(Func<Task> body)
    {
        var watch = Stopwatch.StartNew();
        await body();
        return watch.Elapsed;
    }
}
