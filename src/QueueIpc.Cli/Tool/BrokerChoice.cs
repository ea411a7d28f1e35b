using QueueIpc.Transport;

namespace QueueIpc.Cli.Tool;

/// <summary>Which broker is meant, and the way to it.</summary>
internal static class BrokerChoice
{
    /// <summary>What 'serve' serves, and everybody else looks for, when nobody says a name.</summary>
    public const string DefaultName = "default";

    /// <summary>A broker that was started with the same line of a script gets so long to listen; one that is not there is reported soon.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public static string Of(string? said) =>
        said ?? (Environment.GetEnvironmentVariable(QueueClient.EndpointVariable) is { Length: > 0 } set ? set : DefaultName);

    public static QueueClient Connect(string broker, TimeSpan? patience = null, CancellationToken ct = default)
    {
        try
        {
            return QueueClient.Connect(broker, new QueueClientOptions { ConnectTimeout = patience ?? Patience, Serializer = NoSerializer.Instance }, ct);
        }
        catch (BrokerUnavailableException)
        {
            var endpoint = PipeNames.Resolve(broker);
            var named = endpoint == broker ? string.Empty : $", where broker '{broker}' would be";
            var name = endpoint == broker || broker == DefaultName ? string.Empty : $" --name {broker}";
            throw new ToolException(
                $"no broker answers at {endpoint}{named}. Start one with 'queueipc serve{name}', choose another with --broker, or see 'queueipc doctor'.",
                ExitCode.NoBroker);
        }
    }
}
