using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;
using QueueIpc.Transport;

namespace QueueIpc;

/// <summary>One connection to a broker, for any number of queues and threads.</summary>
public sealed class QueueClient : IAsyncDisposable, IDisposable
{
    /// <summary>The environment variable that <see cref="FromEnvironment"/> reads.</summary>
    public const string EndpointVariable = "QUEUEIPC_ENDPOINT";

    private readonly ClientConnection _connection;
    private readonly QueueClientOptions _options;

    internal QueueClient(ClientConnection connection, QueueClientOptions options)
    {
        (_connection, _options) = (connection, options);
        _connection.StateChanged = state => StateChanged?.Invoke(this, state);
    }

    /// <summary>
    /// The broker went away, came back, or did not come back in time. It comes from a thread on which others wait for their broker: do not hold it up, and ask nothing of
    /// the broker there. An exception there ends the process.
    /// </summary>
    public event EventHandler<QueueClientState>? StateChanged;

    /// <summary>Whether there is a broker at this moment, as far as this client knows.</summary>
    public QueueClientState State => _connection.State;

    /// <summary>The endpoint of the broker.</summary>
    public string Endpoint => _connection.Endpoint;

    /// <summary>The id of the process that the broker is in, as it said in its greeting.</summary>
    public int BrokerProcessId => _connection.BrokerProcessId;

    /// <summary>Connects to a broker, waiting for it if it is not there yet.</summary>
    /// <param name="endpoint">A broker's <see cref="QueueBroker.Endpoint"/>, or its name.</param>
    /// <param name="options">How to connect; null for the usual.</param>
    /// <returns>The connected client.</returns>
    /// <exception cref="ArgumentException">The endpoint is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="BrokerUnavailableException">
    /// Nobody serves the endpoint within <see cref="QueueClientOptions.ConnectTimeout"/>, or the broker refuses the connection: it has too many, or is of another version.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The broker belongs to another user. Nothing was sent to it.</exception>
    /// <exception cref="PathTooLongException">A name was given, and the directory for pipes has too long a path (Unix).</exception>
    public static QueueClient Connect(string endpoint, QueueClientOptions? options = null) => Connect(endpoint, options, CancellationToken.None);

    /// <summary>Like <see cref="Connect(string, QueueClientOptions)"/>, without holding up the caller.</summary>
    /// <param name="endpoint">A broker's <see cref="QueueBroker.Endpoint"/>, or its name.</param>
    /// <param name="options">How to connect; null for the usual.</param>
    /// <param name="ct">Ends the attempt.</param>
    /// <returns>The connected client.</returns>
    /// <exception cref="ArgumentException">The endpoint is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="BrokerUnavailableException">
    /// Nobody serves the endpoint within <see cref="QueueClientOptions.ConnectTimeout"/>, or the broker refuses the connection: it has too many, or is of another version.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The broker belongs to another user. Nothing was sent to it.</exception>
    /// <exception cref="PathTooLongException">A name was given, and the directory for pipes has too long a path (Unix).</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<QueueClient> ConnectAsync(string endpoint, QueueClientOptions? options = null, CancellationToken ct = default) =>
        Task.Factory.StartNew(() => Connect(endpoint, options, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Like <see cref="Connect(string, QueueClientOptions)"/>, to the broker whose endpoint, or name, is in the environment variable QUEUEIPC_ENDPOINT.</summary>
    /// <param name="options">How to connect; null for the usual.</param>
    /// <returns>The connected client.</returns>
    /// <exception cref="InvalidOperationException">The variable is not set.</exception>
    public static QueueClient FromEnvironment(QueueClientOptions? options = null)
    {
        var endpoint = Environment.GetEnvironmentVariable(EndpointVariable);
        return string.IsNullOrEmpty(endpoint)
            ? throw new InvalidOperationException($"The environment variable {EndpointVariable} is not set. It should have a broker's endpoint or name.")
            : Connect(endpoint, options);
    }

    /// <summary>Opens a queue by its name, and creates it when it does not exist.</summary>
    /// <typeparam name="T">The type of the items; the same for all who use the queue.</typeparam>
    /// <param name="name">The queue's name: 1 to 128 characters, no control characters.</param>
    /// <param name="options">What the queue must be like; null takes it as it is.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">The name is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The queue exists with other options, or there are as many queues as there may be.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    /// <exception cref="ObjectDisposedException">This client is disposed.</exception>
    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    public IpcQueue<T> OpenQueue<T>(string name, QueueOptions? options = null) => OpenQueue<T>(name, options, _options.Serializer ?? MessagePackItemSerializer.Instance);

    /// <summary>Like <see cref="OpenQueue{T}(string, QueueOptions)"/>, with a serializer of its own instead of <see cref="QueueClientOptions.Serializer"/>: the same for all who use the queue.</summary>
    /// <typeparam name="T">The type of the items; the same for all who use the queue.</typeparam>
    /// <param name="name">The queue's name: 1 to 128 characters, no control characters.</param>
    /// <param name="options">What the queue must be like; null takes it as it is.</param>
    /// <param name="serializer">How items become bytes.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">The name is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The queue exists with other options, or there are as many queues as there may be.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    /// <exception cref="ObjectDisposedException">This client is disposed.</exception>
    public IpcQueue<T> OpenQueue<T>(string name, QueueOptions? options, IQueueSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        QueueNames.Check(name);
        return new IpcQueue<T>(ClientQueue.Open(_connection, name, options), serializer);
    }

    /// <summary>All queues of the broker, in numbers.</summary>
    /// <returns>The queues, in no particular order.</returns>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    /// <exception cref="ObjectDisposedException">This client is disposed.</exception>
    public IReadOnlyList<QueueInfo> GetQueues()
    {
        using var call = BeginReport(Op.List);
        call.Wait(CancellationToken.None);
        CheckReport(call, Op.List, CancellationToken.None);
        return QueueReports.ReadInfos(call.Body, _connection.Version);
    }

    /// <summary>Like <see cref="GetQueues"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>The queues, in no particular order.</returns>
    public async Task<IReadOnlyList<QueueInfo>> GetQueuesAsync(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        using var call = BeginReport(Op.List);
        await call.WaitAsync(ct).ConfigureAwait(false);
        CheckReport(call, Op.List, ct);
        return QueueReports.ReadInfos(call.Body, _connection.Version);
    }

    /// <summary>All clients of the broker, this one included: who they are, what they hold and what they wait for.</summary>
    /// <returns>The clients, in no particular order.</returns>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    /// <exception cref="ObjectDisposedException">This client is disposed.</exception>
    public IReadOnlyList<ConnectionInfo> GetConnections()
    {
        using var call = BeginReport(Op.Connections);
        call.Wait(CancellationToken.None);
        CheckReport(call, Op.Connections, CancellationToken.None);
        return QueueReports.ReadConnections(call.Body);
    }

    /// <summary>Like <see cref="GetConnections"/>, without a thread.</summary>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>The clients, in no particular order.</returns>
    public async Task<IReadOnlyList<ConnectionInfo>> GetConnectionsAsync(CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        using var call = BeginReport(Op.Connections);
        await call.WaitAsync(ct).ConfigureAwait(false);
        CheckReport(call, Op.Connections, ct);
        return QueueReports.ReadConnections(call.Body);
    }

    /// <summary>Deletes a queue with all that is in it. Whoever waits on it gets <see cref="QueueCompletedException"/>.</summary>
    /// <param name="name">The queue's name.</param>
    /// <exception cref="ArgumentException">The name is not a valid one.</exception>
    /// <exception cref="InvalidOperationException">There is no queue of that name.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    /// <exception cref="ObjectDisposedException">This client is disposed.</exception>
    public void DeleteQueue(string name) => DeleteQueue(name, out _);

    /// <summary>The same, and how many items went with it; -1 where the broker is an older one, which does not say it.</summary>
    internal void DeleteQueue(string name, out long items)
    {
        using var call = BeginDelete(name);
        call.Wait(CancellationToken.None);
        ConcludeDelete(call, name);
        items = _connection.Version > 1 && call.Answer.Op == Op.Done ? call.Body.Int64() : -1;
    }

    /// <summary>Like <see cref="DeleteQueue(string)"/>, without a thread.</summary>
    /// <param name="name">The queue's name.</param>
    /// <param name="ct">Before the call: nothing is deleted. Afterwards: ends the waiting for a broker that does not answer; the queue is deleted all the same.</param>
    /// <returns>Ends when the queue is deleted.</returns>
    public async Task DeleteQueueAsync(string name, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        using var call = BeginDelete(name);
        await call.WaitAsync(ct).ConfigureAwait(false);
        ConcludeDelete(call, name);
    }

    /// <summary>
    /// Gives a living queue other options. More capacity lets waiting puts in at once; less only stops new ones. A shorter lease time holds for handles that are opened
    /// afterwards, a longer one for all leases that begin afterwards. <see cref="QueueOptions.Transient"/> is not looked at: that is for good.
    /// </summary>
    /// <param name="name">The queue's name.</param>
    /// <param name="options">All of its options from now on.</param>
    /// <exception cref="ArgumentException">The name is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">There is no queue of that name.</exception>
    /// <exception cref="NotSupportedException">The broker is an older one that cannot do this.</exception>
    /// <exception cref="BrokerUnavailableException">The broker is gone.</exception>
    /// <exception cref="ObjectDisposedException">This client is disposed.</exception>
    public void UpdateQueue(string name, QueueOptions options)
    {
        using var call = BeginUpdate(name, options);
        call.Wait(CancellationToken.None);
        ClientQueue.ThrowUnlessAnswered(call, nameof(Op.Update), name, _connection, isPut: false);
    }

    /// <summary>Like <see cref="UpdateQueue"/>, without a thread.</summary>
    /// <param name="name">The queue's name.</param>
    /// <param name="options">All of its options from now on.</param>
    /// <param name="ct">Before the call: nothing is changed. Afterwards: ends the waiting for a broker that does not answer; the queue is changed all the same.</param>
    /// <returns>Ends when the queue has its new options.</returns>
    public async Task UpdateQueueAsync(string name, QueueOptions options, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        using var call = BeginUpdate(name, options);
        await call.WaitAsync(ct).ConfigureAwait(false);
        ClientQueue.ThrowUnlessAnswered(call, nameof(Op.Update), name, _connection, isPut: false);
    }

    /// <summary>Ends the connection. What was leased through it goes back without a failure; its queues' handles are of no use any more.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>Like <see cref="Dispose"/>.</summary>
    /// <returns>Ends at once.</returns>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal static QueueClient Connect(string endpoint, QueueClientOptions? options, CancellationToken ct, Action<string?>? found = null)
    {
        options ??= new QueueClientOptions();
        options.Validate();
        return new QueueClient(ClientConnection.Connect(PipeNames.Resolve(endpoint), options, ct, found), options);
    }

    private PendingCall BeginReport(Op op)
    {
        var call = Begin(op.ToString());
        lock (_connection.SyncRoot)
        {
            _connection.Out.BeginFrame(op, 0, call.Id);
            _connection.EndFrame(call);
        }

        _connection.Flush();
        return call;
    }

    private void CheckReport(PendingCall call, Op op, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ClientQueue.ThrowUnlessAnswered(call, op.ToString(), string.Empty, _connection, isPut: false);
    }

    private PendingCall BeginDelete(string name)
    {
        QueueNames.Check(name);
        var call = Begin(nameof(Op.Delete));
        lock (_connection.SyncRoot)
        {
            _connection.Out.BeginFrame(Op.Delete, 0, call.Id);
            _connection.Out.Text(name);
            _connection.EndFrame(call);
        }

        _connection.Flush();
        return call;
    }

    private void ConcludeDelete(PendingCall call, string name)
    {
        var isGone = call is { WasRepeated: true, State: CallState.Answered, Answer.Op: Op.Refused } && (ErrorCode)call.Body.UInt16() == ErrorCode.NoSuchQueue;
        if (!isGone)
        {
            ClientQueue.ThrowUnlessAnswered(call, nameof(Op.Delete), name, _connection, isPut: false);
        }
    }

    private PendingCall BeginUpdate(string name, QueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        QueueNames.Check(name);
        options.Validate();
        if (_connection is { IsDisposed: false, Version: < 2 })
        {
            throw Errors.NeedsNewerBroker(nameof(UpdateQueue), _connection);
        }

        var call = Begin(nameof(Op.Update));
        lock (_connection.SyncRoot)
        {
            var to = _connection.Out;
            to.BeginFrame(Op.Update, 0, call.Id);
            to.Text(name);
            ClientQueue.WriteSettings(to, options);
            _connection.EndFrame(call);
        }

        _connection.Flush();
        return call;
    }

    private PendingCall Begin(string what)
    {
        ObjectDisposedException.ThrowIf(_connection.IsDisposed, this);
        return _connection.TryBegin(owner: null, ClientConnection.PromptMicros) ?? throw Errors.Lost(what, string.Empty, _connection);
    }
}
