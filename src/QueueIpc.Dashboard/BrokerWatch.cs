using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Dashboard;

/// <summary>
/// Looks at the broker twice a second while somebody watches, for all who do, and not at all while nobody does. A broker that is gone is looked for again.
/// </summary>
internal sealed class BrokerWatch(IOptions<QueueIpcDashboardOptions> options, IServiceProvider services, TimeProvider time) : IDisposable
{
    /// <summary>So that all histories together stay under 32 MB.</summary>
    public const int QueuesRemembered = 3000;

    private const int LooksPerLookAtConnections = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _looking = new(1);
    private readonly List<Channel<BrokerView>> _watchers = [];
    private readonly Dictionary<string, QueueHistory> _histories = [];
    private QueueClient? _client;
    private BrokerView _view = new("Not connected yet.", [], [], 0);
    private long _lookedAt;
    private int _looks;
    private bool _isLooking;

    public string Endpoint => options.Value.Endpoint
        ?? Environment.GetEnvironmentVariable(QueueClient.EndpointVariable)
        ?? services.GetService<QueueBroker>()?.Endpoint
        ?? "default";

    /// <summary>The broker again and again, until <paramref name="ct"/> ends it. Who is slow misses views, and gets the newest.</summary>
    public async IAsyncEnumerable<BrokerView> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var mine = Channel.CreateBounded<BrokerView>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            _watchers.Add(mine);
            if (!_isLooking)
            {
                _isLooking = true;
                _ = LookWhileWatchedAsync();
            }
        }

        try
        {
            await foreach (var view in mine.Reader.ReadAllAsync(ct).ConfigureAwait(false))
            {
                yield return view;
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(mine);
            }
        }
    }

    /// <summary>The broker now, or a moment ago.</summary>
    public async Task<BrokerView> LookAsync(CancellationToken ct, bool withConnections = false)
    {
        await _looking.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (!withConnections && _view.Problem is null && time.GetElapsedTime(_lookedAt) < Interval)
            {
                return _view;
            }

            return _view = await SeeAsync(withConnections, ct).ConfigureAwait(false);
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>Asks, or changes, something of one queue that must be there.</summary>
    public async Task<TAnswer> AskAsync<TAnswer>(string queue, Func<QueueClient, IpcQueue<byte[]?>, TAnswer> ask, CancellationToken ct)
    {
        var view = await LookAsync(ct).ConfigureAwait(false);
        if (view.Problem is not null)
        {
            throw new InvalidOperationException(view.Problem);
        }

        // Looking at a queue must not make it: it must be there now, and nobody else here may delete it before it is open.
        await _looking.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_client is not { } client || !await IsThereAsync(client, queue, ct).ConfigureAwait(false))
            {
                throw new InvalidOperationException($"There is no queue '{queue}' on this broker.");
            }

            return await Task.Run(
                () =>
                {
                    using var opened = client.OpenQueue<byte[]?>(queue);
                    return ask(client, opened);
                },
                ct).ConfigureAwait(false);
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _looking.Dispose();
    }

    private static async Task<bool> IsThereAsync(QueueClient client, string queue, CancellationToken ct)
    {
        try
        {
            return (await client.GetQueuesAsync(ct).ConfigureAwait(false)).Any(one => one.Name == queue);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }

    private async Task LookWhileWatchedAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (true)
        {
            var view = await LookAsync(CancellationToken.None, withConnections: _looks % LooksPerLookAtConnections == 0).ConfigureAwait(false);
            lock (_lock)
            {
                if (_watchers.Count == 0)
                {
                    _isLooking = false;
                    return;
                }

                _watchers.ForEach(watcher => watcher.Writer.TryWrite(view));
            }

            await timer.WaitForNextTickAsync().ConfigureAwait(false);
        }
    }

    private async Task<BrokerView> SeeAsync(bool withConnections, CancellationToken ct)
    {
        try
        {
            _client ??= await QueueClient.ConnectAsync(
                Endpoint, new QueueClientOptions { ConnectTimeout = Patience, ReconnectTimeout = TimeSpan.Zero, Serializer = NoSerializer.Instance }, ct).ConfigureAwait(false);
            var queues = await _client.GetQueuesAsync(ct).ConfigureAwait(false);
            var connections = withConnections ? await _client.GetConnectionsAsync(ct).ConfigureAwait(false) : _view.Connections;
            var rows = Remember(queues);
            _looks++;
            return new BrokerView(null, rows, connections, _client.BrokerProcessId);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException or ArgumentException)
        {
            _client?.Dispose();
            _client = null;
            return _view with { Problem = e.Message };
        }
    }

    private QueueRow[] Remember(IReadOnlyList<QueueInfo> queues)
    {
        var now = time.GetTimestamp();
        var elapsed = _lookedAt == 0 ? 0 : time.GetElapsedTime(_lookedAt, now).TotalSeconds;
        _lookedAt = now;
        var names = queues.Select(queue => queue.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _histories.Keys.Where(name => !names.Contains(name)).ToArray())
        {
            _histories.Remove(gone);
        }

        return [.. queues.Select(queue => new QueueRow(queue, HistoryOf(queue, now, elapsed)))];
    }

    private QueueHistory? HistoryOf(QueueInfo queue, long now, double elapsed)
    {
        if (!_histories.TryGetValue(queue.Name, out var history))
        {
            if (_histories.Count >= QueuesRemembered)
            {
                return null;
            }

            _histories.Add(queue.Name, history = new QueueHistory());
        }

        history.Add(queue, now, elapsed);
        return history;
    }
}
