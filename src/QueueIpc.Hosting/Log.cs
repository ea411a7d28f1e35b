using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace QueueIpc.Hosting;

/// <summary>
/// Everything that a host's consumers, and the host itself, ever log. An event keeps its number for ever. An item is named by its sequence number, by which its
/// dead items are found; 0 is one that an older broker does not say.
/// </summary>
internal static partial class Log
{
    public static ILogger ForConsumers(IServiceProvider provider) => For(provider, "QueueIpc.Consumer");

    public static ILogger ForHost(IServiceProvider provider) => For(provider, "QueueIpc.Host");

    [LoggerMessage(201, LogLevel.Information, "The consumer of queue '{Queue}' has begun, {Concurrency} items at a time")]
    public static partial void ConsumerStarted(ILogger logger, string queue, int concurrency);

    [LoggerMessage(202, LogLevel.Warning, "The handler failed with item {Sequence} of queue '{Queue}' (its failures so far: {Failures}). It comes back after {Delay}")]
    public static partial void HandlerFailed(ILogger logger, long sequence, string queue, int failures, TimeSpan delay, Exception exception);

    [LoggerMessage(203, LogLevel.Error, "Item {Sequence} of queue '{Queue}' cannot be read, and is with the dead items")]
    public static partial void ItemUnreadable(ILogger logger, long sequence, string queue, Exception exception);

    [LoggerMessage(204, LogLevel.Warning, "An item of queue '{Queue}' was dealt with, but the verdict on it did not count: {Problem} The item comes to somebody again")]
    public static partial void VerdictLost(ILogger logger, string queue, string problem);

    [LoggerMessage(205, LogLevel.Information, "The consumer of queue '{Queue}' takes no more items; {Count} are under way")]
    public static partial void Draining(ILogger logger, string queue, int count);

    [LoggerMessage(206, LogLevel.Information, "The consumer of queue '{Queue}' has ended; nothing is under way")]
    public static partial void ConsumerEnded(ILogger logger, string queue);

    [LoggerMessage(207, LogLevel.Warning, "The host's shutdown timeout is over: {Count} items of queue '{Queue}' that were not finished go back")]
    public static partial void TimeIsUp(ILogger logger, string queue, int count);

    [LoggerMessage(208, LogLevel.Information, "The consumer of queue '{Queue}' has nothing more to do: {Reason}")]
    public static partial void QueueEnded(ILogger logger, string queue, string reason);

    [LoggerMessage(209, LogLevel.Error, "The handler failed with item {Sequence} of queue '{Queue}', which is dead now (its failures: {Failures})")]
    public static partial void ItemDied(ILogger logger, long sequence, string queue, int failures, Exception exception);

    [LoggerMessage(210, LogLevel.Warning, "The handler failed after it had given its verdict on an item of queue '{Queue}'. The verdict stands")]
    public static partial void FailedAfterVerdict(ILogger logger, string queue, Exception exception);

    [LoggerMessage(211, LogLevel.Warning, "Nobody reads the section '{Section}' of the configuration: {Reason}")]
    public static partial void SectionUnread(ILogger logger, string section, string reason);

    [LoggerMessage(212, LogLevel.Warning, "The consumer of queue '{Queue}' has ended, since the queue was deleted. A queue made anew under that name is another one, which has no consumer here until the host is started again")]
    public static partial void QueueDeleted(ILogger logger, string queue);

    [LoggerMessage(213, LogLevel.Warning, "Somebody listens at '{Endpoint}' and has not answered for {Seconds} s. The host starts without its broker, and goes on trying. Is the broker's process stopped?")]
    public static partial void BrokerIsSilent(ILogger logger, string endpoint, double seconds);

    [LoggerMessage(214, LogLevel.Information, "The broker at '{Endpoint}' answers now, and the queues are open")]
    public static partial void BrokerAnswers(ILogger logger, string endpoint);

    private static ILogger For(IServiceProvider provider, string category) =>
        provider.GetService<ILoggerFactory>()?.CreateLogger(category) ?? (ILogger)NullLogger.Instance;
}
