using System.Diagnostics.CodeAnalysis;
using QueueIpc.Client;
using QueueIpc.Serialization;

namespace QueueIpc;

/// <summary>Queues that processes share: where they come from.</summary>
public static class IpcQueue
{
    /// <summary>
    /// Creates an unnamed queue, owned by a broker inside this process. Hand it to child processes with <see cref="WorkerProcess"/>.
    /// It lives until this handle is disposed or this process ends.
    /// </summary>
    /// <typeparam name="T">The type of the items: anything MessagePack can serialise.</typeparam>
    /// <param name="options">Capacity and the like; null for an unbounded queue.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The broker of this process cannot start, see <see cref="QueueBroker.Start"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">The place for its pipe belongs to another user.</exception>
    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    public static IpcQueue<T> Create<T>(QueueOptions? options = null) => Create<T>(options, MessagePackItemSerializer.Instance);

    /// <summary>
    /// Like <see cref="Create{T}(QueueOptions)"/>, with a serializer of one's own. It belongs to this handle: where the queue arrives in another process, it is opened with the
    /// usual one. Hand over <see cref="IpcQueue{T}.Endpoint"/> and <see cref="IpcQueue{T}.Name"/> instead, and open it there with the serializer.
    /// </summary>
    /// <typeparam name="T">The type of the items: anything the serializer can serialise.</typeparam>
    /// <param name="options">Capacity and the like; null for an unbounded queue.</param>
    /// <param name="serializer">How items become bytes.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="IOException">The broker of this process cannot start, see <see cref="QueueBroker.Start"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">The place for its pipe belongs to another user.</exception>
    public static IpcQueue<T> Create<T>(QueueOptions? options, IQueueSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        return QueueBroker.Default.CreateQueue<T>(options, serializer);
    }

    /// <summary>Like <see cref="Create{T}(QueueOptions)"/>, with a label by which people find the queue in the tool's lists and on the dashboard.</summary>
    /// <typeparam name="T">The type of the items: anything MessagePack can serialise.</typeparam>
    /// <param name="options">Capacity and the like; null for an unbounded queue.</param>
    /// <param name="label">What people call it: 1 to 128 characters, no control characters. Several queues may have the same.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or the label is not a valid one.</exception>
    /// <exception cref="IOException">The broker of this process cannot start, see <see cref="QueueBroker.Start"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">The place for its pipe belongs to another user.</exception>
    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    public static IpcQueue<T> Create<T>(QueueOptions? options, string label) => Create<T>(options, MessagePackItemSerializer.Instance, label);

    /// <summary>Like <see cref="Create{T}(QueueOptions, string)"/>, with a serializer of one's own.</summary>
    /// <typeparam name="T">The type of the items: anything the serializer can serialise.</typeparam>
    /// <param name="options">Capacity and the like; null for an unbounded queue.</param>
    /// <param name="serializer">How items become bytes.</param>
    /// <param name="label">What people call it: 1 to 128 characters, no control characters. Several queues may have the same.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or the label is not a valid one.</exception>
    /// <exception cref="IOException">The broker of this process cannot start, see <see cref="QueueBroker.Start"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">The place for its pipe belongs to another user.</exception>
    public static IpcQueue<T> Create<T>(QueueOptions? options, IQueueSerializer serializer, string label)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        QueueNames.CheckLabel(label);
        return QueueBroker.Default.CreateQueue<T>(options, serializer, label);
    }

    /// <summary>Opens a queue of a broker by its name, and creates it when it does not exist. All queues that a process opens like this at one endpoint share a connection.</summary>
    /// <typeparam name="T">The type of the items; the same for all who use the queue.</typeparam>
    /// <param name="endpoint">A broker's <see cref="QueueBroker.Endpoint"/>, or its name.</param>
    /// <param name="name">The queue's name: 1 to 128 characters, no control characters.</param>
    /// <param name="options">What the queue must be like; null takes it as it is.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">The endpoint or the name is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="BrokerUnavailableException">Nobody serves the endpoint within 10 seconds, or the broker refuses the connection.</exception>
    /// <exception cref="UnauthorizedAccessException">The broker belongs to another user.</exception>
    /// <exception cref="InvalidOperationException">The queue exists with other options, or there are as many queues as there may be.</exception>
    [RequiresUnreferencedCode(Reflection.Needed)]
    [RequiresDynamicCode(Reflection.Needed)]
    public static IpcQueue<T> Open<T>(string endpoint, string name, QueueOptions? options = null) => Open<T>(endpoint, name, options, MessagePackItemSerializer.Instance);

    /// <summary>Like <see cref="Open{T}(string, string, QueueOptions)"/>, with a serializer of one's own: the same for all who use the queue.</summary>
    /// <typeparam name="T">The type of the items; the same for all who use the queue.</typeparam>
    /// <param name="endpoint">A broker's <see cref="QueueBroker.Endpoint"/>, or its name.</param>
    /// <param name="name">The queue's name: 1 to 128 characters, no control characters.</param>
    /// <param name="options">What the queue must be like; null takes it as it is.</param>
    /// <param name="serializer">How items become bytes.</param>
    /// <returns>The queue.</returns>
    /// <exception cref="ArgumentException">The endpoint or the name is not a valid one, or an option is out of its range.</exception>
    /// <exception cref="BrokerUnavailableException">Nobody serves the endpoint within 10 seconds, or the broker refuses the connection.</exception>
    /// <exception cref="UnauthorizedAccessException">The broker belongs to another user.</exception>
    /// <exception cref="InvalidOperationException">The queue exists with other options, or there are as many queues as there may be.</exception>
    public static IpcQueue<T> Open<T>(string endpoint, string name, QueueOptions? options, IQueueSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        return new IpcQueue<T>(SharedConnections.Open(endpoint, name, options), serializer);
    }
}
