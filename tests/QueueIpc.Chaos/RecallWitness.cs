using Microsoft.Extensions.Logging;

namespace QueueIpc.Chaos;

/// <summary>Hears from the library's log when it gives back what it has read ahead: nothing else says so.</summary>
internal sealed class RecallWitness(Action<long> recalled) : ILoggerFactory, ILogger
{
    private const int GivesBack = 109;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Debug;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == GivesBack && state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            recalled((long)values.Single(value => value.Key == "Count").Value!);
        }
    }

    public void Dispose()
    {
        // There is nothing to give back.
    }
}
