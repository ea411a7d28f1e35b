using System.Diagnostics;
using Microsoft.Extensions.Logging;
using QueueIpc;

namespace LogCollector;

/// <summary>One line of one process's log.</summary>
internal sealed record LogLine(string Source, LogLevel Level, string Category, string Text);

/// <summary>Loggers that put their lines into a queue, and wait while it is full.</summary>
/// <param name="lines">The queue; it is not disposed with the provider.</param>
/// <param name="source">What this process is called in the log.</param>
/// <param name="queueIsFull">Called each time before a logger begins to wait.</param>
internal sealed class QueueLoggerProvider(IpcQueue<LogLine> lines, string source, Action queueIsFull) : ILoggerProvider
{
    private long _waitedTicks;

    /// <summary>How long the queue has held this process up, all lines together.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    public ILogger CreateLogger(string categoryName) => new QueueLogger(this, categoryName);

    public void Dispose()
    {
    }

    private void Put(LogLevel level, string category, string text)
    {
        var line = new LogLine(source, level, category, text);
        if (!lines.TryPut(line))
        {
            queueIsFull();
            var watch = Stopwatch.StartNew();
            lines.Put(line);
            Interlocked.Add(ref _waitedTicks, watch.Elapsed.Ticks);
        }
    }

    private sealed class QueueLogger(QueueLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Put(logLevel, category, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}");
    }
}
