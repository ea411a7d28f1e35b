using System.CommandLine;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>A queue with settings, before anybody puts into it.</summary>
internal static class CreateCommand
{
    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        var settings = new QueueSettingsSaid();
        var transient = new Option<bool>("--transient") { Description = "It lives in memory, also where the broker keeps queues on disk." };
        return new ToolCommand(
            "create",
            "Makes a queue with settings.",
            "queueipc create jobs --capacity 1000 --max-failures 3",
            invocation =>
            {
                var options = new QueueOptions { Transient = invocation.Get(transient) };
                settings.Apply(invocation, options);
                using var client = invocation.Connect();
                using var it = client.OpenQueue<byte[]?>(invocation.Get(queue), options);
                QueueSettingsSaid.Print(invocation, it.Name, options);
                return ExitCode.Done;
            },
            [queue, .. settings.All, transient])
        {
            Details = """
                What is not said is as for any new queue: no limits, leases of 30 s, dead after 5
                failures. A queue that is there already with the same settings stays as it is; with
                others this is refused: 'queueipc set' changes them.
                """,
        };
    }
}
