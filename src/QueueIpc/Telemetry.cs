using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace QueueIpc;

/// <summary>
/// What can be watched: by OpenTelemetry, dotnet-counters and whoever else listens to the meter and the source that are named QueueIpc. Names, units and
/// attributes are those of OpenTelemetry's conventions for messaging. While nobody listens, each is one look at a field.
/// </summary>
internal static class Telemetry
{
    private const string Name = "QueueIpc";

    private const string MessageUnit = "{message}";

    /// <summary>In seconds, as the conventions advise.</summary>
    private static readonly InstrumentAdvice<double> Durations = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };

    public static readonly Meter Meter = new(Name, Version);

    public static readonly ActivitySource Source = new(Name, Version);

    public static readonly Counter<long> Sent = Meter.CreateCounter<long>("messaging.client.sent.messages", MessageUnit, "Items that were put.");

    public static readonly Counter<long> Consumed = Meter.CreateCounter<long>("messaging.client.consumed.messages", MessageUnit, "Items that were handed to the program.");

    public static readonly Histogram<double> OperationDuration = Meter.CreateHistogram("messaging.client.operation.duration", "s", "How long a put or a get took, its waiting included.", tags: null, Durations);

    public static readonly Histogram<double> ProcessDuration = Meter.CreateHistogram("messaging.process.duration", "s", "From a lease to its verdict.", tags: null, Durations);

    public static readonly Counter<long> Reconnections = Meter.CreateCounter<long>("queueipc.client.reconnections", "{reconnection}", "How often a client found its broker again.");

    private static string? Version => typeof(Telemetry).Assembly.GetName().Version?.ToString(3);

    public static TagList Tags(Client.ClientQueue queue, string operation, string type)
    {
        var tags = new TagList
        {
            { "messaging.system", "queueipc" },
            { "messaging.operation.name", operation },
            { "messaging.operation.type", type },
            { "server.address", queue.Connection.Endpoint },
        };
        AddDestination(ref tags, queue.Name);
        return tags;
    }

    /// <summary>The span of an operation, which is the current one from here on.</summary>
    public static Activity? Start(Client.ClientQueue queue, string operation, string type, ActivityKind kind, ActivityContext parent = default)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var name = QueueNames.IsUnnamed(queue.Name) ? operation : $"{operation} {queue.Name}";
        return Source.StartActivity(kind, parent, Tags(queue, operation, type), name: name);
    }

    /// <summary>Names that are made anew each time would make as many series: unnamed queues are one destination.</summary>
    public static void AddDestination(ref TagList tags, string queue)
    {
        if (QueueNames.IsUnnamed(queue))
        {
            tags.Add("messaging.destination.anonymous", true);
        }
        else
        {
            tags.Add("messaging.destination.name", queue);
        }
    }
}
