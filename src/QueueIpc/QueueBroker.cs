using System.Diagnostics.CodeAnalysis;
using QueueIpc.Broker;
using QueueIpc.Client;
using QueueIpc.Serialization;
using QueueIpc.Workers;

namespace QueueIpc;

/// <summary>Owns queues, and serves all processes of this user that connect to its <see cref="Endpoint"/>.</summary>
public sealed class QueueBroker : IAsyncDisposable, IDisposable
{
    private static readonly Lock DefaultLock = new();
    private static QueueBroker? _default;

    private readonly BrokerHost? _host;
    private readonly BrokerProcess? _process;
    private readonly Func<ClientConnection> _connect;
    private readonly Lock _connectLock = new();
    private ClientConnection? _connection;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private QueueBroker(BrokerHost host)
    {
        _host = host;
        _connect = () => host.Inside;
        Endpoint = host.Endpoint;
        Completion = _ended.Task;
        _ = host.Failed.ContinueWith(failed => EndWith(failed.Result), TaskScheduler.Default);
    }

    private QueueBroker(BrokerProcess process)
    {
        _process = process;
        _connect = () => ClientConnection.Connect(process.Endpoint, new QueueClientOptions { ReconnectTimeout = TimeSpan.Zero }, CancellationToken.None);
        Endpoint = process.Endpoint;
        Completion = process.Completion;
    }

    /// <summary>All that a client needs to connect: one line of text.</summary>
    public string Endpoint { get; }

    /// <summary>The id of the process that the broker is in: this one, or the broker's own.</summary>
    public int ProcessId => _process?.Id ?? Environment.ProcessId;

    /// <summary>
    /// Ends when the broker has ended: successfully when it was asked to, with the reason when it was not. Of a
    /// <see cref="QueueBrokerOptions.Detached"/> one it ends with this object, too.
    /// </summary>
    public Task Completion { get; }

    /// <summary>Whether the disk of a storage has room for puts. Of another process's broker it is not known, and true.</summary>
    internal bool HasRoom => _host?.HasRoom ?? true;

    /// <summary>The broker of this process for its unnamed queues.</summary>
    internal static QueueBroker Default
    {
        get
        {
            lock (DefaultLock)
            {
                return _default ??= Start();
            }
        }
    }

    /// <summary>Starts a broker inside this process. It is listening when this returns, and ends when it is disposed or the process ends.</summary>
    /// <param name="options">Its name, limits and so on; null for an unnamed broker with the usual limits.</param>
    /// <returns>The broker.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">
    /// Another broker serves that name, something else is in the pipe's place, the pipe's path would be too long, or the process has too few file descriptors left.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The place for the pipe, or the storage, belongs to another user.</exception>
    public static QueueBroker Start(QueueBrokerOptions? options = null) => options is { Detached: true }
        ? throw new ArgumentException("A broker inside this process cannot be Detached: it ends with the process. Use StartProcess, or leave Detached out.", nameof(options))
        : new(new BrokerHost(options ?? new QueueBrokerOptions()));

    /// <summary>
    /// Starts a broker in a process of its own. It is listening when this returns. It ends when it is disposed or this process ends, however it ends; with
    /// <see cref="QueueBrokerOptions.Detached"/> it lives on until someone terminates it.
    /// </summary>
    /// <param name="options">Its name, limits and so on; null for an unnamed broker with the usual limits.</param>
    /// <returns>The broker.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The broker process could not start; the message has its words.</exception>
    /// <exception cref="InvalidOperationException">This program cannot be started again; the message says why. See <see cref="WorkerProcess.RunIfWorker"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">The place for the pipe belongs to another user.</exception>
    public static QueueBroker StartProcess(QueueBrokerOptions? options = null) => new(BrokerProcess.Start(options ?? new QueueBrokerOptions()));

    /// <summary>Opens a queue by its name, and creates it when it does not exist.</summary>
    /// <typeparam name="T">The type of the items; the same for all who use the queue.</typeparam>
    /// <param name="name">The queue's name: 1 to 128 characters, no control characters.</param>
    /// <param name="options">What the queue must be like; null takes it as it is.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">The name is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The queue exists with other options, or there are as many queues as there may be.</exception>
    /// <exception cref="BrokerUnavailableException">The broker process is gone.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    public IpcQueue<T> OpenQueue<T>(string name, QueueOptions? options = null) => OpenQueue<T>(name, options, MessagePackItemSerializer.Instance);

    /// <summary>Like <see cref="OpenQueue{T}(string, QueueOptions)"/>, with a serializer of one's own: the same for all who use the queue.</summary>
    /// <typeparam name="T">The type of the items; the same for all who use the queue.</typeparam>
    /// <param name="name">The queue's name: 1 to 128 characters, no control characters.</param>
    /// <param name="options">What the queue must be like; null takes it as it is.</param>
    /// <param name="serializer">How items become bytes.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">The name is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The queue exists with other options, or there are as many queues as there may be.</exception>
    /// <exception cref="BrokerUnavailableException">The broker process is gone.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    public IpcQueue<T> OpenQueue<T>(string name, QueueOptions? options, IQueueSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        QueueNames.Check(name);
        ObjectDisposedException.ThrowIf(_ended.Task.IsCompleted, this);
        return new IpcQueue<T>(ClientQueue.Open(Connection(), name, options), serializer);
    }

    /// <summary>
    /// Ends the broker. Its queues and all items in them are gone, but for those in a <see cref="QueueBrokerOptions.Storage"/>; clients get <see cref="BrokerUnavailableException"/>. A
    /// <see cref="QueueBrokerOptions.Detached"/> broker lives on with all that it has: this lets go of it, and closes the queues that were opened here.
    /// </summary>
    public void Dispose()
    {
        if (_connection is not null)
        {
            _connection.Dispose();
        }

        _process?.Dispose();
        _host?.Dispose();
        _ended.TrySetResult();
    }

    /// <summary>Like <see cref="Dispose"/>, without a thread.</summary>
    /// <returns>Ends when <see cref="Dispose"/> would return.</returns>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    /// <summary>An unnamed queue, which is deleted with the handle.</summary>
    internal IpcQueue<T> CreateQueue<T>(QueueOptions? options, IQueueSerializer serializer, string? label = null) =>
        new(ClientQueue.Open(Connection(), string.Empty, options, label: label), serializer);

    /// <summary>Queues of this process's own broker that have items, of which nobody ever took one, and at which nobody else is.</summary>
    internal static IEnumerable<(string Name, int Ready)> LeftInDefault()
    {
        BrokerHost? host;
        lock (DefaultLock)
        {
            host = _default?._host;
        }

        // One connection is this process's own.
        return host is not { ConnectionCount: <= 1 } ? []
            : from queue in host.Queues.List()
              let seen = queue.Observe()
              where seen is { Counts.Ready: > 0, Totals.Acked: 0 }
              select (queue.Name, seen.Counts.Ready);
    }

    private void EndWith(Exception? reason)
    {
        if (reason is not null && _ended.TrySetException(reason))
        {
            Dispose();
        }
    }

    /// <summary>Its own connection, made when it is needed first. One that could not be made is tried again.</summary>
    private ClientConnection Connection()
    {
        lock (_connectLock)
        {
            return _connection ??= _connect();
        }
    }
}
