using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;
using QueueIpc.Dashboard;

namespace QueueIpc.Cli.Commands;

/// <summary>The same as the other commands show, in a browser.</summary>
internal static class DashboardCommand
{
    public static ToolCommand Create()
    {
        var port = Parameters.Count("--port", "The port on this machine; any free one by default.", min: 0);
        var open = new Option<bool>("--open") { Description = "Open it in the browser." };
        var allowChanges = new Option<bool>("--allow-changes") { Description = "Queues can be changed: dead items redriven or removed, queues emptied, completed, deleted." };
        var showItems = new Option<bool>("--show-items") { Description = "Items can be seen, and not their numbers alone." };
        return new ToolCommand(
            "dashboard",
            "Shows the queues of a broker in a browser on this machine.",
            "queueipc dashboard --open",
            invocation => RunAsync(invocation, invocation.Get(port) ?? 0, invocation.Get(open), options =>
            {
                options.Endpoint = invocation.Broker;
                options.AllowChanges = invocation.Get(allowChanges);
                options.ShowItems = invocation.Get(showItems);
            }),
            port,
            open,
            allowChanges,
            showItems)
        {
            Details = """
                It prints an address, which is good for one browser: the token in it is used up
                when the page is opened. It ends with Ctrl+C. The broker need not be there yet.
                """,
        };
    }

    private static async Task<int> RunAsync(Invocation invocation, long port, bool open, Action<QueueIpcDashboardOptions> configure)
    {
        if (port > ushort.MaxValue)
        {
            throw new UsageException($"--port is a port, {ushort.MaxValue} at most, and not '{port}'.");
        }

        await using var host = await DashboardHost.StartAsync((int)port, configure);
        if (invocation.Json)
        {
            Json.PrintObject(json => json.WriteString("address", host.Address));
        }
        else
        {
            Console.Out.WriteLine(host.Address);
        }

        if (open)
        {
            Open(host.Address);
        }

        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = invocation.Stop.Token.Register(stopped.SetResult);
        await stopped.Task;
        return ExitCode.Done;
    }

    private static void Open(string address)
    {
        try
        {
            using var browser = Process.Start(new ProcessStartInfo(address) { UseShellExecute = true });
        }
        catch (Win32Exception e)
        {
            Console.Error.WriteLine($"queueipc: no browser could be opened ({e.Message}): open the address yourself.");
        }
    }
}
