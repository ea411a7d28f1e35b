using System.Diagnostics.Metrics;
using QueueIpc.Core;

namespace QueueIpc.Broker;

/// <summary>
/// The brokers of this process in numbers. Nothing is measured as it happens: when somebody collects, the machines' own counters are read.
/// Unnamed queues are one series together, or each would be a new one.
/// </summary>
internal static class BrokerMetrics
{
    private const string ItemUnit = "{item}";

    static BrokerMetrics()
    {
        var meter = Telemetry.Meter;
        meter.CreateObservableUpDownCounter("queueipc.queue.items", () => Each(Items), ItemUnit, "Items in the queue.");
        meter.CreateObservableUpDownCounter("queueipc.queue.bytes", () => Each<long>(queue => [new(queue.Counts.Bytes, queue.Tags)]), "By", "Bytes of all items in the queue.");
        meter.CreateObservableGauge("queueipc.queue.oldest_age", () => Each<double>(queue => [new(queue.Counts.OldestAge / 1e6, queue.Tags)]), "s", "How long the first ready item has been in the queue.");
        meter.CreateObservableUpDownCounter("queueipc.queue.waiters", () => Each(Waiters), "{waiter}", "Calls that wait at the queue.");
        meter.CreateObservableCounter("queueipc.queue.put", () => Totals(totals => totals.Put), ItemUnit, "Items that were accepted.");
        meter.CreateObservableCounter("queueipc.queue.delivered", () => Totals(totals => totals.Delivered), ItemUnit, "Items that were sent to a consumer; one that came back is counted again.");
        meter.CreateObservableCounter("queueipc.queue.acked", () => Totals(totals => totals.Acked), ItemUnit, "Items that are done with.");
        meter.CreateObservableCounter("queueipc.queue.returned", () => Each(Returned), ItemUnit, "Items that came back from a consumer.");
        meter.CreateObservableCounter("queueipc.queue.dead", () => Totals(totals => totals.Dead), ItemUnit, "Items that died.");
        meter.CreateObservableUpDownCounter("queueipc.broker.connections", Connections, "{connection}", "Clients that are connected.");
    }

    /// <summary>From now on the brokers of this process can be watched.</summary>
    public static void Observe()
    {
        // The static constructor does it, once.
    }

    private static IEnumerable<Measurement<int>> Connections() => BrokerHost.Here.Select(broker => new Measurement<int>(broker.ConnectionCount, new KeyValuePair<string, object?>("server.address", broker.Endpoint)));

    private static IEnumerable<Measurement<long>> Items(Observed queue) =>
    [
        new(queue.Counts.Ready, [.. queue.Tags, new("state", "ready")]),
        new(queue.Counts.Delayed, [.. queue.Tags, new("state", "delayed")]),
        new(queue.Counts.Held, [.. queue.Tags, new("state", "held")]),
        new(queue.Counts.Dead, [.. queue.Tags, new("state", "dead")]),
    ];

    private static IEnumerable<Measurement<long>> Waiters(Observed queue) =>
    [
        new(queue.Counts.WaitingGets, [.. queue.Tags, new("kind", "get")]),
        new(queue.Counts.WaitingPuts, [.. queue.Tags, new("kind", "put")]),
        new(queue.Counts.WaitingJoins, [.. queue.Tags, new("kind", "join")]),
    ];

    private static IEnumerable<Measurement<long>> Returned(Observed queue) =>
    [
        new(queue.Totals.Nacked, [.. queue.Tags, new("reason", "nacked")]),
        new(queue.Totals.Released, [.. queue.Tags, new("reason", "released")]),
        new(queue.Totals.Expired, [.. queue.Tags, new("reason", "expired")]),
        new(queue.Totals.Disconnected, [.. queue.Tags, new("reason", "disconnected")]),
        new(queue.Totals.Unread, [.. queue.Tags, new("reason", "unread")]),
    ];

    private static IEnumerable<Measurement<long>> Totals(Func<QueueTotals, long> total) => Each<long>(queue => [new(total(queue.Totals), queue.Tags)]);

    private static IEnumerable<Measurement<T>> Each<T>(Func<Observed, IEnumerable<Measurement<T>>> measure)
        where T : struct => BrokerHost.Here.SelectMany(Observe).SelectMany(measure);

    private static IEnumerable<Observed> Observe(BrokerHost broker)
    {
        var server = new KeyValuePair<string, object?>("server.address", broker.Endpoint);
        var queues = broker.Queues.List(out var unnamedTotals);
        var (unnamed, unnamedCounts) = (false, default(QueueCounts));
        foreach (var queue in queues)
        {
            var (counts, totals) = queue.Observe();
            if (QueueNames.IsUnnamed(queue.Name))
            {
                (unnamed, unnamedCounts, unnamedTotals) = (true, Sum(unnamedCounts, counts), unnamedTotals.Plus(totals));
                continue;
            }

            yield return new Observed(counts, totals, [server, new("messaging.destination.name", queue.Name)]);
        }

        if (unnamed || unnamedTotals != default)
        {
            yield return new Observed(unnamedCounts, unnamedTotals, [server, new("messaging.destination.anonymous", true)]);
        }
    }

    private static QueueCounts Sum(in QueueCounts one, in QueueCounts other) => new()
    {
        Ready = one.Ready + other.Ready,
        Delayed = one.Delayed + other.Delayed,
        Held = one.Held + other.Held,
        Dead = one.Dead + other.Dead,
        Bytes = one.Bytes + other.Bytes,
        WaitingGets = one.WaitingGets + other.WaitingGets,
        WaitingPuts = one.WaitingPuts + other.WaitingPuts,
        WaitingJoins = one.WaitingJoins + other.WaitingJoins,
        OldestAge = Math.Max(one.OldestAge, other.OldestAge),
    };

    private sealed record Observed(QueueCounts Counts, QueueTotals Totals, KeyValuePair<string, object?>[] Tags);
}
