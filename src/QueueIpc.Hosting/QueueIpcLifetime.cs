using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>
/// Broker, client and queues begin and end with the host: the broker before all services start, the others with them, so that what is wrong is said
/// then and not with the first item, unless the broker is there and silent; and the broker ends when all services have stopped.
/// </summary>
internal sealed class QueueIpcLifetime(IServiceProvider provider, IEnumerable<QueueRegistration> queues, HostStart start) : BackgroundService, IHostedLifecycleService
{
    private QueueBroker? _broker;
    private QueueClient? _client;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        SectionNames.LogUnread(provider);
        _broker = provider.GetService<QueueBroker>();
        start.Begin(Open);
        return Task.CompletedTask;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await start.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (OperationCanceledException) when (start.IsToldToEnd)
        {
            // The host ends in good order, as when it is told a moment later. An exception would end the process with a crash.
            return;
        }

        Log.BrokerIsSilent(Log.ForHost(provider), start.Endpoint!, HostStart.SilenceMax.TotalSeconds);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The opening goes on while the host is up. If it fails, the host does what it does with every service that fails.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await start.Opened.ConfigureAwait(false);
            Log.BrokerAnswers(Log.ForHost(provider), start.Endpoint!);
        }
        catch (OperationCanceledException) when (start.IsToldToEnd)
        {
            // As above.
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
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
