using Microsoft.Extensions.Logging;

namespace QueueIpc.Cli.Output;

/// <summary>The broker's warnings, on the standard error.</summary>
internal sealed class WarningLog : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Console.Error.WriteLine($"queueipc: {Escapes.In(formatter(state, exception))}");
        }
    }

    public void Dispose()
    {
    }
}
