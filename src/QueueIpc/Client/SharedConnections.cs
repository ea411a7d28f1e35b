using QueueIpc.Broker;
using QueueIpc.Transport;

namespace QueueIpc.Client;

/// <summary>The connections behind <see cref="IpcQueue.Open{T}(string, string, QueueOptions)"/>: one for each endpoint, for as long as one of its queues is open.</summary>
internal static class SharedConnections
{
    private static readonly Lock TableLock = new();
    private static readonly Dictionary<string, Shared> Table = [];

    public static ClientQueue Open(string endpointOrName, string name, QueueOptions? options)
    {
        QueueNames.Check(name);
        var endpoint = PipeNames.Resolve(endpointOrName);
        if (BrokerHost.FindHere(endpoint) is { } host)
        {
            return ClientQueue.Open(host.Inside, name, options);
        }

        var shared = Use(endpoint);
        try
        {
            return ClientQueue.Open(shared.Connection(endpoint), name, options, () => Leave(endpoint, shared));
        }
        catch
        {
            Leave(endpoint, shared);
            throw;
        }
    }

    /// <summary>The process is about to end in an orderly way: what it still holds goes back without counting as a failure.</summary>
    public static void CloseAll()
    {
        Shared[] all;
        lock (TableLock)
        {
            all = [.. Table.Values];
            Table.Clear();
        }

        foreach (var shared in all)
        {
            shared.Close();
        }
    }

    private static Shared Use(string endpoint)
    {
        lock (TableLock)
        {
            if (!Table.TryGetValue(endpoint, out var shared) || shared.IsLost)
            {
                Table[endpoint] = shared = new Shared();
            }

            shared.Users++;
            return shared;
        }
    }

    private static void Leave(string endpoint, Shared shared)
    {
        lock (TableLock)
        {
            if (--shared.Users > 0)
            {
                return;
            }

            if (Table.TryGetValue(endpoint, out var current) && ReferenceEquals(current, shared))
            {
                Table.Remove(endpoint);
            }
        }

        shared.Close();
    }

    private sealed class Shared
    {
        private readonly Lock _lock = new();
        private ClientConnection? _connection;

        public int Users { get; set; }

        public bool IsLost => Volatile.Read(ref _connection) is { IsLost: true };

        /// <summary>Connects when it is first asked; whoever asks meanwhile waits for the same attempt.</summary>
        public ClientConnection Connection(string endpoint)
        {
            lock (_lock)
            {
                return _connection ??= ClientConnection.Connect(endpoint, new QueueClientOptions(), CancellationToken.None);
            }
        }

        public void Close() => Volatile.Read(ref _connection)?.Dispose();
    }
}
