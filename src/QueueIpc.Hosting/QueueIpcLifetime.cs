using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>
/// Broker, client and queues begin and end with the host: the broker before all services start, the others with them, so that what is wrong is said
/// then and not with the first item; and the broker ends when all services have stopped.
/// </summary>
internal sealed class QueueIpcLifetime(IServiceProvider provider, IEnumerable<QueueRegistration> queues) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken ct)
    {
        SectionNames.LogUnread(provider);
        provider.GetService<QueueBroker>();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken ct) => Task.Run(
        () =>
        {
            provider.GetService<QueueClient>();
            foreach (var queue in queues)
            {
                queue.Open(provider);
            }
        },
        ct);

    public Task StartedAsync(CancellationToken ct) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken ct) => Task.CompletedTask;

    public Task StopAsync(CancellationToken ct) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken ct)
    {
        if (provider.GetService<QueueClient>() is { } client)
        {
            await client.DisposeAsync().ConfigureAwait(false);
        }

        if (provider.GetService<QueueBroker>() is { } broker)
        {
            await broker.DisposeAsync().ConfigureAwait(false);
        }
    }
}
