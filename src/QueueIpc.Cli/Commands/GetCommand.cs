using System.CommandLine;
using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Takes items and prints them, one to a line.</summary>
internal static class GetCommand
{
    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        var count = Parameters.Count("--count", "Take so many items. Without it: one.", min: 1, "-n");
        var follow = new Option<bool>("--follow", "-f") { Description = "Take all items that are there or will come, until the queue is completed." };
        var timeout = Parameters.Seconds("--timeout", "How long to wait for each item. Without it: not at all, or as long as it takes with --follow.", min: 0, "-t");
        var raw = new Option<bool>("--raw") { Description = "Print the bytes of items as they are, and a line's end after each." };
        var command = new ToolCommand(
            "get",
            "Takes items from a queue and prints them, one to a line.",
            "queueipc get jobs\nqueueipc get jobs --count 10 --timeout 5\nqueueipc get jobs --follow | while read -r job; do work \"$job\"; done",
            invocation => RunAsync(invocation, invocation.Get(queue), new Wanted(
                invocation.Get(follow) ? long.MaxValue : invocation.Get(count) ?? 1,
                invocation.Get(follow),
                Parameters.Time(invocation.Get(timeout)) ?? (invocation.Get(follow) ? Timeout.InfiniteTimeSpan : TimeSpan.Zero),
                invocation.Json ? ItemForm.Json : invocation.Get(raw) ? ItemForm.Raw : ItemForm.Text)),
            queue,
            count,
            follow,
            timeout,
            raw)
        {
            Details = """
                A queue that is not there is made, if this waits (--follow, --timeout), for a producer.
                An item is gone from the queue when it was printed, and not before. What was not goes
                back when this command is interrupted, or when nobody reads its output any more.
                MessagePack is printed as JSON, a MessagePack string as its text, other items as the
                text that they are, and control characters but the tab as \n, \x1b and so on.
                """,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(follow) && result.GetResult(count) is not null)
            {
                result.AddError("--count and --follow exclude each other.");
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, string name, Wanted wanted)
    {
        var stop = invocation.Stop.Token;
        using var client = invocation.Connect();
        using var queue = wanted.Timeout == TimeSpan.Zero ? Invocation.OpenExisting(client, name) : client.OpenQueue<byte[]?>(name);
        using var output = ItemOutput.Open(stop);
        var printer = new ItemPrinter(queue, output, wanted.Form);
        try
        {
            while (printer.Count < wanted.Items)
            {
                if (!await printer.PrintNextAsync(wanted.Items - printer.Count, wanted.Timeout, stop))
                {
                    return printer.IsOver ? ExitCode.Done : Missing(invocation, wanted, printer.Count, $"'{name}' is empty{Waited(wanted.Timeout)}");
                }
            }

            return ExitCode.Done;
        }
        catch (QueueCompletedException e)
        {
            return wanted.Follow ? ExitCode.Done : Missing(invocation, wanted, printer.Count, e.Message.TrimEnd('.'));
        }
        catch (OperationCanceledException) when (wanted.Follow)
        {
            return ExitCode.Done;
        }
    }

    private static int Missing(Invocation invocation, Wanted wanted, long printed, string why)
    {
        var soFar = wanted.Items is > 1 and < long.MaxValue ? $"; {printed} of {Words.Count(wanted.Items, "item")} came" : string.Empty;
        Failures.Say($"{why}{soFar}.", ExitCode.Failed, invocation.Json);
        return ExitCode.Failed;
    }

    private static string Waited(TimeSpan time) => time > TimeSpan.Zero ? $", and nothing came for {Words.Seconds(time.TotalSeconds)}" : string.Empty;

    private sealed record Wanted(long Items, bool Follow, TimeSpan Timeout, ItemForm Form);
}
