using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace QueueIpc.Hosting;

/// <summary>
/// Leases item after item, and has a handler deal with each, so many at a time. It ends when it is told to, when the queue is completed and nothing is
/// left, or deleted, or when the broker is gone: the host then does what it does with every service that fails.
/// </summary>
internal sealed class QueueConsumer<T>(
    string queueName,
    Func<QueueLease<T>, IServiceProvider, CancellationToken, Task> handler,
    IServiceProvider services,
    IpcQueueConsumerOptions options,
    ILogger logger) : BackgroundService, IHostedLifecycleService, IConsumer
{
    /// <summary>How long the broker may take to be told what goes back, when the host has no time left.</summary>
    private static readonly TimeSpan GiveBackMax = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopTaking = new();
    private readonly CancellationTokenSource _timeIsUp = new();
    private readonly HashSet<QueueLease<T>> _underWay = [];
    private QueueCompletedException? _queueEnd;

    public string QueueName => queueName;

    public Exception? End => ExecuteTask?.Exception?.InnerException ?? Volatile.Read(ref _queueEnd);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All consumers of the host stop taking items before the host waits for the first of them.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (ExecuteTask is { IsCompleted: false })
        {
            Log.Draining(logger, queueName, UnderWay().Length);
        }

        return _stopTaking.CancelAsync();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopTaking.CancelAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (ExecuteTask is { IsCompleted: false })
        {
            await GiveBackAsync().ConfigureAwait(false);
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        base.Dispose();
        _stopTaking.Dispose();
        _timeIsUp.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = services.GetRequiredService<HostStart>();
        await start.Opened.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (start.IsToldToEnd || stoppingToken.IsCancellationRequested)
        {
            return;
        }

        await start.Opened.ConfigureAwait(false);

        var queue = services.GetRequiredKeyedService<IpcQueue<T>>(queueName);
        Log.ConsumerStarted(logger, queueName, options.Concurrency);
        await Task.WhenAll(Enumerable.Range(0, options.Concurrency).Select(_ => Task.Run(() => WorkAsync(queue), CancellationToken.None))).ConfigureAwait(false);
        Log.ConsumerEnded(logger, queueName);
    }

    /// <summary>
    /// Item after item, one at a time, and none is read ahead: work may take minutes, and what waits here would be kept from consumers that are idle.
    /// </summary>
    private async Task WorkAsync(IpcQueue<T> queue)
    {
        try
        {
            while (await TryLeaseAsync(queue).ConfigureAwait(false) is { } lease)
            {
                await DealWithAsync(queue, lease).ConfigureAwait(false);
            }
        }
        catch
        {
            // The consumer has failed, and says so when the others have finished what they have.
            await _stopTaking.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Null when there is nothing more to do.</summary>
    private async Task<QueueLease<T>?> TryLeaseAsync(IpcQueue<T> queue)
    {
        while (!_stopTaking.IsCancellationRequested)
        {
            try
            {
                var lease = await queue.LeaseAsync(_stopTaking.Token).ConfigureAwait(false);
                if (!_stopTaking.IsCancellationRequested)
                {
                    return lease;
                }

                // It was on its way when the broker was told that nothing more is wanted.
                await SettleAsync(lease, () => lease.ReleaseAsync()).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopTaking.IsCancellationRequested)
            {
                return null;
            }
            catch (QueueCompletedException e)
            {
                SayEnded(e);
                return null;
            }
            catch (ItemSerializationException e)
            {
                Log.ItemUnreadable(logger, e.Sequence ?? 0, queueName, e);
            }
        }

        return null;
    }

    /// <summary>Each of those who work at a time comes to the end of the queue; it is said once.</summary>
    private void SayEnded(QueueCompletedException end)
    {
        if (Interlocked.CompareExchange(ref _queueEnd, end, null) is not null)
        {
            return;
        }

        if (end.IsDeleted)
        {
            Log.QueueDeleted(logger, queueName);
        }
        else
        {
            Log.QueueEnded(logger, queueName, end.Message);
        }
    }

    private async Task DealWithAsync(IpcQueue<T> queue, QueueLease<T> lease)
    {
        lock (_underWay)
        {
            _underWay.Add(lease);
        }

        using var activity = lease.StartActivity();
        try
        {
            await HandleInScopeAsync(lease).ConfigureAwait(false);
            await SettleAsync(lease, () => lease.AckAsync()).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_timeIsUp.IsCancellationRequested)
        {
            await SettleAsync(lease, () => lease.ReleaseAsync()).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whatever a handler throws is the item's failure, never the consumer's.
            activity?.AddException(e).SetStatus(ActivityStatusCode.Error, e.Message);
            var delay = options.DelayAfter(lease.Failures);
            SayFailed(queue, lease, delay, e);
            await SettleAsync(lease, () => lease.NackAsync(delay, options.ReasonOf(e))).ConfigureAwait(false);
        }
        finally
        {
            lock (_underWay)
            {
                _underWay.Remove(lease);
            }
        }
    }

    private void SayFailed(IpcQueue<T> queue, QueueLease<T> lease, TimeSpan delay, Exception e)
    {
        var failures = lease.Failures + 1;
        if (lease.IsSettled)
        {
            Log.FailedAfterVerdict(logger, queueName, e);
        }
        else if (queue.MaxFailures > 0 && failures >= queue.MaxFailures)
        {
            Log.ItemDied(logger, lease.KnownSequence, queueName, failures, e);
        }
        else
        {
            Log.HandlerFailed(logger, lease.KnownSequence, queueName, failures, delay, e);
        }
    }

    private async Task HandleInScopeAsync(QueueLease<T> lease)
    {
        var scope = services.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            await handler(lease, scope.ServiceProvider, _timeIsUp.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a verdict, unless the handler did. If it comes too late, or the broker is gone, the item comes to somebody again.</summary>
    private async Task SettleAsync(QueueLease<T> lease, Func<ValueTask> verdict)
    {
        if (lease.IsSettled)
        {
            return;
        }

        try
        {
            await verdict().ConfigureAwait(false);
        }
        catch (Exception e) when (e is LeaseLostException or BrokerUnavailableException or ObjectDisposedException)
        {
            Log.VerdictLost(logger, queueName, e.Message);
        }
    }

    /// <summary>The host waits no longer: what handlers still have goes back now, whether they listen or not, and is back when this returns. Then they are told.</summary>
    private async Task GiveBackAsync()
    {
        var unfinished = UnderWay();
        Log.TimeIsUp(logger, queueName, unfinished.Length);
        var given = Task.WhenAll(unfinished.Select(lease => SettleAsync(lease, () => lease.ReleaseAsync())));
        await given.WaitAsync(GiveBackMax).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timeIsUp.CancelAsync().ConfigureAwait(false);
    }

    private QueueLease<T>[] UnderWay()
    {
        lock (_underWay)
        {
            return [.. _underWay];
        }
    }
}

/// <summary>What the health check wants to know of a consumer.</summary>
internal interface IConsumer
{
    string QueueName { get; }

    /// <summary>Why it takes no more items, if it has failed or its queue has ended.</summary>
    Exception? End { get; }
}
