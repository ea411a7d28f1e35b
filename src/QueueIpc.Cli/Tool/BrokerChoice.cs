using QueueIpc.Transport;

namespace QueueIpc.Cli.Tool;

/// <summary>Which broker is meant, and the way to it.</summary>
internal static class BrokerChoice
{
    /// <summary>What 'serve' serves, and everybody else looks for, when nobody says a name.</summary>
    public const string DefaultName = "default";

    /// <summary>The end of what is said when there is no broker.</summary>
    public const string SeeDoctor = ", or see 'queueipc doctor'.";

    /// <summary>A broker that was started with the same line of a script gets so long to listen; one that is not there is reported soon.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>One that is there gets so long for its greeting: on a busy machine that takes longer than it does to see that nobody is there.</summary>
    private static readonly TimeSpan GreetingMax = TimeSpan.FromSeconds(5);

    public static string Of(string? said) =>
        said ?? (Environment.GetEnvironmentVariable(QueueClient.EndpointVariable) is { Length: > 0 } set ? set : DefaultName);

    public static QueueClient Connect(string broker, TimeSpan? patience = null, CancellationToken ct = default)
    {
        using var absent = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            var options = new QueueClientOptions { ConnectTimeout = patience ?? GreetingMax, ReconnectTimeout = TimeSpan.Zero, Serializer = NoSerializer.Instance };
            if (patience is null)
            {
                absent.CancelAfter(Patience);
            }

            return QueueClient.Connect(broker, options, absent.Token, found: there => absent.CancelAfter(there is not null || patience is not null ? Timeout.InfiniteTimeSpan : Patience));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new ToolException(Absent(broker, PipeNames.Resolve(broker)), ExitCode.NoBroker);
        }
        catch (BrokerUnavailableException e)
        {
            var endpoint = PipeNames.Resolve(broker);
            throw new ToolException(
                e.Refusal is { } refusal ? $"the broker at {endpoint} refuses the connection: {refusal}."
                : e.IsListening ? Silent(endpoint)
                : Absent(broker, endpoint),
                ExitCode.NoBroker);
        }
    }

    private static string Absent(string broker, string endpoint)
    {
        var named = endpoint == broker ? string.Empty : $", where broker '{broker}' would be";
        var name = endpoint == broker || broker == DefaultName ? string.Empty : $" --name {broker}";
        return $"no broker answers at {endpoint}{named}. Start one with 'queueipc serve{name}', choose another with --broker{SeeDoctor}";
    }

    /// <summary>Another broker cannot take its place, so that is not what to do.</summary>
    private static string Silent(string endpoint) => Listener.ProcessAt(endpoint) is { } process
        ? $"process {process} listens at {endpoint}, and does not answer. If it is stopped, let it go on ('kill -CONT {process}'). If it hangs, end it ('kill -KILL {process}'): what is in its queues is lost then."
        : $"a process listens at {endpoint}, and does not answer. Let it go on if it is stopped, or end it if it hangs: what is in its queues is lost then.";
}
