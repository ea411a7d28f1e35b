using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Other settings for a queue that lives.</summary>
internal static class SetCommand
{
    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        var settings = new QueueSettingsSaid();
        return new ToolCommand(
            "set",
            "Changes the settings of a queue. What is not said stays as it is.",
            "queueipc set jobs --capacity 5000",
            invocation =>
            {
                if (!settings.AnySaid(invocation))
                {
                    throw new UsageException("nothing to set: say --capacity, --max-bytes, --lease-time or --max-failures.");
                }

                using var client = invocation.Connect();
                using var it = Invocation.OpenExisting(client, invocation.Get(queue));
                var options = it.Options;
                settings.Apply(invocation, options);
                client.UpdateQueue(it.Name, options);
                QueueSettingsSaid.Print(invocation, it.Name, options);
                return ExitCode.Done;
            },
            [queue, .. settings.All]);
    }
}
