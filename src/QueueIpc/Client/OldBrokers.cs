using System.Collections.Concurrent;
using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>The endpoints whose brokers turned the newest version of the protocol away: they are greeted with the oldest at once, until one of them is gone.</summary>
internal static class OldBrokers
{
    private static readonly ConcurrentDictionary<string, bool> Endpoints = new();

    public static ushort VersionFor(string endpoint) => Endpoints.ContainsKey(endpoint) ? ProtocolLimits.VersionMin : ProtocolLimits.Version;

    public static void Add(string endpoint) => Endpoints[endpoint] = true;

    public static void Remove(string endpoint) => Endpoints.TryRemove(endpoint, out _);
}
