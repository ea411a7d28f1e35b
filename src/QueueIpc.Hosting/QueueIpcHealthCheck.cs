using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace QueueIpc.Hosting;

/// <summary>Healthy is a host whose broker and queues answer, and whose consumers work, or have done all that there was in a completed queue.</summary>
internal sealed class QueueIpcHealthCheck(IServiceProvider provider) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>();
        var ended = provider.GetServices<IHostedService>().OfType<IConsumer>().Where(consumer => consumer.End is not null).ToArray();
        var words = ended.Select(WordsOf).ToList();
        var failure = ended.Select(consumer => consumer.End).FirstOrDefault(end => end is not QueueCompletedException { IsDeleted: false });
        try
        {
            await AskAsync(data, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            if (failure is null)
            {
                failure = e;
                words.Add(e.Message);
            }
        }

        var description = words.Count == 0 ? null : string.Join(' ', words);
        return failure is null
            ? HealthCheckResult.Healthy(description, data)
            : new HealthCheckResult(context.Registration.FailureStatus, description, failure, data);
    }

    private static string WordsOf(IConsumer consumer) =>
        $"The consumer of queue '{consumer.QueueName}' has {(consumer.End is QueueCompletedException ? "ended" : "failed")}: {consumer.End!.Message}";

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
