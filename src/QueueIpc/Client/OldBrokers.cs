using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>The endpoints whose brokers turned the newest version of the protocol away: they are greeted with the oldest at once, until one of them is gone.</summary>
internal static class OldBrokers
{
    /// <summary>Is its own lock. A concurrent table of flags would be code to compile before a worker's first item.</summary>
    private static readonly HashSet<string> Endpoints = [];

    public static ushort VersionFor(string endpoint)
    {
        lock (Endpoints)
        {
            return Endpoints.Contains(endpoint) ? ProtocolLimits.VersionMin : ProtocolLimits.Version;
        }
    }

    public static void Add(string endpoint)
    {
        lock (Endpoints)
        {
            Endpoints.Add(endpoint);
        }
    }

    public static void Remove(string endpoint)
    {
        lock (Endpoints)
        {
            Endpoints.Remove(endpoint);
        }
    }
}
