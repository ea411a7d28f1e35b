using System.Diagnostics;
using Microsoft.Extensions.Logging;
using QueueIpc;

namespace LogCollector;

/// <summary>One line of one process's log.</summary>
internal sealed record LogLine(string Source, string Level, string Category, string Text);

/// <summary>Loggers that put their lines into a queue.</summary>
internal sealed class QueueLoggerProvider(IpcQueue<LogLine> lines, string source) : ILoggerProvider
{
    private long _waitedTicks;

    public string Source { get; } = source;

    /// <summary>How long the queue has held this process up, all lines together.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    public ILogger CreateLogger(string categoryName) => new QueueLogger(this, categoryName);

    public void Dispose()
    {
        // The queue is not ours.
    }

    private void Put(LogLine line)
    {
        if (!lines.TryPut(line))
        {
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
            provider.Put(new LogLine(provider.Source, logLevel.ToString(), category, formatter(state, exception)));
    }
}
