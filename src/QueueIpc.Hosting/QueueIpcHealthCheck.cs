using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>Healthy is a host whose broker and queues answer, and whose consumers work.</summary>
internal sealed class QueueIpcHealthCheck(IServiceProvider provider) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>();
        try
        {
            await AskAsync(data, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e, data);
        }

        var failed = provider.GetServices<IHostedService>().OfType<IConsumer>().Where(consumer => consumer.Failure is not null).ToArray();
        return failed.Length == 0
            ? HealthCheckResult.Healthy(data: data)
            : new HealthCheckResult(
                context.Registration.FailureStatus,
                string.Join(' ', failed.Select(consumer => $"The consumer of queue '{consumer.QueueName}' has failed: {consumer.Failure!.Message}")),
                failed[0].Failure,
                data);
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
