using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>
/// Broker, client and queues begin and end with the host: the broker before all services start, the others with them, so that what is wrong is said
/// then and not with the first item; and the broker ends when all services have stopped.
/// </summary>
internal sealed class QueueIpcLifetime(IServiceProvider provider, IEnumerable<QueueRegistration> queues, HostStart start) : IHostedLifecycleService
{
    private QueueBroker? _broker;
    private QueueClient? _client;

    public Task StartingAsync(CancellationToken ct)
    {
        SectionNames.LogUnread(provider);
        _broker = provider.GetService<QueueBroker>();
        return Task.CompletedTask;
    }

    public async Task StartAsync(CancellationToken ct)
    {
        start.Token = ct;
        try
        {
            await Task.Run(Open, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (start.IsToldToEnd)
        {
            // The host ends in good order, as when it is told a moment later. An exception would end the process with a crash.
        }
    }

    public Task StartedAsync(CancellationToken ct) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken ct) => Task.CompletedTask;

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken ct)
    {
        if (_client is not null)
        {
            await _client.DisposeAsync().ConfigureAwait(false);
        }

        if (_broker is not null)
        {
            await _broker.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Open()
    {
        _client = provider.GetService<QueueClient>();
        foreach (var queue in queues)
        {
            queue.Open(provider);
        }
    }
}
