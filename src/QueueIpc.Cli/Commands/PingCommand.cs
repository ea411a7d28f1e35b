using System.Diagnostics;
using System.Globalization;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Whether the broker is there, and how soon it answers.</summary>
internal static class PingCommand
{
    public static ToolCommand Create()
    {
        var timeout = Parameters.Seconds("--timeout", "How long to wait for the broker to be there. Without it: 1.", min: 0, "-t");
        return new ToolCommand(
            "ping",
            "Asks the broker whether it is there, or waits until it is.",
            "queueipc ping --broker orders --timeout 10",
            invocation => Run(invocation, Parameters.Time(invocation.Get(timeout))),
            timeout);
    }

    private static int Run(Invocation invocation, TimeSpan? timeout)
    {
        using var client = BrokerChoice.Connect(invocation.Broker, timeout, invocation.Stop.Token);

        // The first time, this program gets ready as well.
        var watch = Stopwatch.StartNew();
        BrokerChoice.Connect(client.Endpoint).Dispose();
        var took = watch.Elapsed;
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteString("endpoint", client.Endpoint);
                json.WriteNumber("processId", client.BrokerProcessId);
                json.WriteNumber("seconds", Json.Seconds(took));
            });
        }
        else
        {
            Console.Out.WriteLine($"{client.Endpoint} (process {client.BrokerProcessId}) answered in {took.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture)} ms");
        }

        return ExitCode.Done;
    }
}
