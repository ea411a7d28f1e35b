using System.CommandLine;

namespace QueueIpc.Cli.Tool;

/// <summary>One run of a command: what was said to it, and what it needs to answer.</summary>
internal sealed class Invocation : IDisposable
{
    private readonly ParseResult _parsed;
    private readonly Lazy<StopSignal> _stop = new(() => new StopSignal());

    private Invocation(ParseResult parsed) => _parsed = parsed;

    public bool Json => Get(CommandLine.Json);

    /// <summary>The broker's name or endpoint.</summary>
    public string Broker => BrokerChoice.Of(BrokerSaid);

    /// <summary>The same, if it was said in this command.</summary>
    public string? BrokerSaid => Get(CommandLine.Broker);

    /// <summary>Ctrl+C, or a request to terminate: whoever asks for it does what is to be done then.</summary>
    public StopSignal Stop => _stop.Value;

    public static async Task<int> RunAsync(ParseResult parsed, Func<Invocation, Task<int>> run)
    {
        using var invocation = new Invocation(parsed);
        try
        {
            return await run(invocation);
        }
        catch (Exception e) when (Failures.IsExpected(e))
        {
            return Failures.Report(e, invocation.Json);
        }
    }

    public T Get<T>(Option<T> option) => _parsed.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => _parsed.GetValue(argument)!;

    public bool Has(Option option) => _parsed.GetResult(option) is { Implicit: false };

    public QueueClient Connect() => BrokerChoice.Connect(Broker);

    /// <summary>The queue in numbers. There must be one: looking at a queue does not make it.</summary>
    public static QueueInfo Find(QueueClient client, string queue)
    {
        QueueNames.Check(queue);
        return client.GetQueues().FirstOrDefault(info => info.Name == queue)
            ?? throw new ToolException($"there is no queue '{queue}' on this broker. 'queueipc ls' has all there are.");
    }

    /// <summary>A queue that must be there already.</summary>
    public static IpcQueue<byte[]?> OpenExisting(QueueClient client, string queue) => client.OpenQueue<byte[]?>(Find(client, queue).Name);

    public void Dispose()
    {
        if (_stop.IsValueCreated)
        {
            _stop.Value.Dispose();
        }
    }
}
