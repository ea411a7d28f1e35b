using System.CommandLine;
using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Runs a command for each item, under a lease: what the command fails with comes back.</summary>
internal static class WorkCommand
{
    private const int ConcurrencyMax = 10_000;

    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        var words = new Argument<string[]>("cmd") { Description = "The command and its arguments. {} in one of them is the item; without it the item is the standard input.", Arity = ArgumentArity.OneOrMore };
        var concurrency = Parameters.Count("--concurrency", "How many commands may run at once. Without it: one.", min: 1, max: ConcurrencyMax, "-c");
        var timeout = Parameters.Seconds("--timeout", "How long one command may take. Without it: as long as it takes.", min: 0.001, "-t");
        return new ToolCommand(
            "work",
            "Runs a command for each item, until the queue is completed.",
            "queueipc work jobs -- convert {} out.png\nqueueipc work jobs --concurrency 4 --timeout 60 -- ./resize.sh {}",
            invocation => RunAsync(
                invocation,
                invocation.Get(queue),
                new ItemCommand(invocation.Get(words), Parameters.Time(invocation.Get(timeout))),
                (int)(invocation.Get(concurrency) ?? 1)),
            queue,
            words,
            concurrency,
            timeout)
        {
            Details = """
                Exit code 0 acks the item. Any other, or --timeout, is a failure: the item comes back,
                and is dead after as many as its queue allows, with the end of the command's error
                output as the reason. Ctrl+C takes nothing new and waits for the commands that run; a
                second one ends them, and their items go back without a failure.
                """,
        };
    }

    private static async Task<int> RunAsync(Invocation invocation, string name, ItemCommand command, int concurrency)
    {
        // What commands print goes there: each of them would fail, and its item with it.
        ClosedOutput.ThrowIfClosed();
        var (stop, again) = (invocation.Stop.Token, invocation.Stop.AgainToken);
        using var client = invocation.Connect();
        using var queue = client.OpenQueue<byte[]?>(name);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var counts = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => WorkAsync(queue, command, ended, again)));
        var (done, failed) = (counts.Sum(count => count.Done), counts.Sum(count => count.Failed));
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteString("queue", name);
                json.WriteNumber("done", done);
                json.WriteNumber("failed", failed);
            });
        }
        else
        {
            Console.Error.WriteLine($"queueipc: {Words.Count(done, "item")} done, {Words.Count(failed, "failure")}");
        }

        return ExitCode.Done;
    }

    /// <summary>One item after the other. Whoever fails ends the others as well, after what they have in hand.</summary>
    private static async Task<(long Done, long Failed)> WorkAsync(IpcQueue<byte[]?> queue, ItemCommand command, CancellationTokenSource ended, CancellationToken again)
    {
        var (done, failed) = (0L, 0L);
        try
        {
            while (true)
            {
                using var lease = await queue.LeaseAsync(ended.Token);
                if (await IsDoneAsync(command, lease, again))
                {
                    done++;
                }
                else
                {
                    failed++;
                }
            }
        }
        catch (QueueCompletedException)
        {
            return (done, failed);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return (done, failed);
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
    }

    /// <summary>Runs the command, and gives its verdict. A lease that was lost meanwhile is a failure, and somebody has the item already, or will have it again.</summary>
    private static async Task<bool> IsDoneAsync(ItemCommand command, QueueLease<byte[]?> lease, CancellationToken again)
    {
        var reason = await RunAsync(command, lease, again);
        try
        {
            await (reason is null ? lease.AckAsync(CancellationToken.None) : lease.NackAsync(TimeSpan.Zero, reason, CancellationToken.None));
            return reason is null;
        }
        catch (LeaseLostException e)
        {
            Failures.Say(e.Message, ExitCode.Failed, json: false);
            return false;
        }
    }

    /// <summary>An item whose command never ended by itself has not failed.</summary>
    private static async Task<string?> RunAsync(ItemCommand command, QueueLease<byte[]?> lease, CancellationToken again)
    {
        try
        {
            return await command.RunAsync(lease.Item, again);
        }
        catch
        {
            await lease.ReleaseAsync(CancellationToken.None);
            throw;
        }
    }
}
