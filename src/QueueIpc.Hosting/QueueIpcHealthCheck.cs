using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>
/// Healthy is a host whose broker and queues answer, and whose consumers work, or have done all that there was in a completed queue. Degraded is one whose broker went
/// away and is looked for, or has no room on its disk.
/// </summary>
internal sealed class QueueIpcHealthCheck(IServiceProvider provider) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>();
        if (provider.GetService<HostStart>() is { Opened.IsCompleted: false } start)
        {
            // Whoever asked for the client now would wait with the thread that makes it.
            var where = start.Endpoint is { } endpoint ? $"The broker at '{endpoint}' does not answer yet" : "The broker is not there yet";
            return new HealthCheckResult(context.Registration.FailureStatus, $"{where}, and is tried again and again.");
        }

        var ended = provider.GetServices<IHostedService>().OfType<IConsumer>().Where(consumer => consumer.End is not null).ToArray();
        var words = ended.Select(WordsOf).ToList();
        var failure = ended.Select(consumer => consumer.End).FirstOrDefault(end => end is not QueueCompletedException { IsDeleted: false });
        using var watch = new ReconnectingWatch(provider.GetService<QueueClient>(), cancellationToken);
        try
        {
            await AskAsync(data, watch.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && failure is null)
        {
            return HealthCheckResult.Degraded($"The broker at '{watch.Endpoint}' went away, and is looked for. Calls wait meanwhile.", data: data);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            if (failure is null)
            {
                failure = e;
                words.Add(e.Message);
            }
        }

        if (failure is null && provider.GetService<QueueBroker>() is { HasRoom: false })
        {
            return HealthCheckResult.Degraded("The disk of the broker's data directory is full: puts wait until there is room, gets and acks go on.", data: data);
        }

        var description = words.Count == 0 ? null : string.Join(' ', words);
        return failure is null
            ? HealthCheckResult.Healthy(description, data)
            : new HealthCheckResult(context.Registration.FailureStatus, description, failure, data);
    }

    private static string WordsOf(IConsumer consumer) =>
        $"The consumer of queue '{consumer.QueueName}' has {(consumer.End is QueueCompletedException ? "ended" : "failed")}: {consumer.End!.Message}";

    /// <summary>A token that is cancelled as soon as the client has no broker: what is asked would wait for one.</summary>
    private sealed class ReconnectingWatch : IDisposable
    {
        private readonly QueueClient? _client;
        private readonly CancellationTokenSource _stop;

        public ReconnectingWatch(QueueClient? client, CancellationToken ct)
        {
            (_client, _stop) = (client, CancellationTokenSource.CreateLinkedTokenSource(ct));
            if (client is not null)
            {
                client.StateChanged += OnChanged;
                OnChanged(client, client.State);
            }
        }

        public CancellationToken Token => _stop.Token;

        public string? Endpoint => _client?.Endpoint;

        public void Dispose()
        {
            if (_client is not null)
            {
                _client.StateChanged -= OnChanged;
            }

            _stop.Dispose();
        }

        private void OnChanged(object? sender, QueueClientState state)
        {
            if (state == QueueClientState.Reconnecting)
            {
                _stop.Cancel();
            }
        }
    }

    private async Task AskAsync(Dictionary<string, object> data, CancellationToken ct)
    {
        var queues = provider.GetServices<QueueRegistration>().ToArray();
        foreach (var queue in queues)
        {
            var info = await queue.GetInfoAsync(provider, ct).ConfigureAwait(false);
            data[$"{queue.Name}.ready"] = info.Ready;
            data[$"{queue.Name}.leased"] = info.Leased;
            data[$"{queue.Name}.delayed"] = info.Delayed;
            data[$"{queue.Name}.dead"] = info.Dead;
            data[$"{queue.Name}.oldestAgeSeconds"] = info.OldestAge.TotalSeconds;
        }

        if (queues.Length == 0 && provider.GetService<QueueClient>() is { } client)
        {
            await client.GetQueuesAsync(ct).ConfigureAwait(false);
        }

        ObjectDisposedException.ThrowIf(provider.GetService<QueueBroker>() is { Completion.IsCompleted: true }, typeof(QueueBroker));
    }
}
