using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text;
using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>One item from the command line, or one for each line of the standard input.</summary>
internal static class PutCommand
{
    private const string StandardInput = "-";

    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        var text = new Argument<string?>("text")
        {
            Description = "The item. '-' or nothing: one item for each line of the standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json-items") { Description = "Items are JSON, and stored as MessagePack. Without it they are text." };
        var raw = new Option<bool>("--raw") { Description = "Items are bytes, and stored as they are." };
        var timeout = Parameters.Seconds("--timeout", "How long to wait for room for each item. Without it: as long as it takes.", min: 0, "-t");
        var command = new ToolCommand(
            "put",
            "Puts items into a queue.",
            "queueipc put jobs hello\nseq 1 1000 | queueipc put jobs\nqueueipc put orders --json-items '{\"Id\":1,\"Name\":\"book\"}'",
            invocation => RunAsync(invocation, invocation.Get(queue), invocation.Get(text), FormOf(invocation, json, raw), Parameters.Time(invocation.Get(timeout))),
            queue,
            text,
            json,
            raw,
            timeout)
        {
            Details = """
                The queue is made if it is not there. While it is full, this waits, but for each item
                no longer than --timeout. With --timeout items are put one by one, which is slower.
                Text is stored as a MessagePack string: what an IpcQueue<string> reads.
                """,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetValue(raw))
            {
                result.AddError("--json-items and --raw exclude each other.");
            }
        });
        return command;
    }

    private static InputForm FormOf(Invocation invocation, Option<bool> json, Option<bool> raw) =>
        invocation.Get(json) ? InputForm.Json : invocation.Get(raw) ? InputForm.Raw : InputForm.Text;

    private static async Task<int> RunAsync(Invocation invocation, string name, string? text, InputForm form, TimeSpan? timeout)
    {
        var stop = invocation.Stop.Token;
        using var client = invocation.Connect();
        using var queue = client.OpenQueue<byte[]?>(name);
        var items = new ItemInput(form);
        var isLines = text is null or StandardInput;
        var put = 0L;
        try
        {
            await PutAllAsync(queue, isLines ? ReadLinesAsync(items, stop) : One(items.ItemOf(Encoding.UTF8.GetBytes(text!), "the item")), timeout, more => put += more, stop);
        }
        catch (Exception e) when (isLines && Failures.IsExpected(e))
        {
            // What is before a line that is too large has been put by now.
            throw Failures.WithMore(e, PutSoFar(put, e), e is ItemTooLargeException ? $"line {put + 1}: " : string.Empty);
        }

        SayPut(invocation, name, put);
        return ExitCode.Done;
    }

    private static async Task PutAllAsync(IpcQueue<byte[]?> queue, IAsyncEnumerable<byte[]?> items, TimeSpan? timeout, Action<int> accepted, CancellationToken stop)
    {
        if (timeout is null)
        {
            await queue.PutManyAsync(items, accepted, Timeout.InfiniteTimeSpan, stop);
            return;
        }

        await foreach (var item in items)
        {
            if (!queue.TryPut(item, timeout.Value, stop))
            {
                throw new ToolException($"'{queue.Name}' is full, and there was no room for {Words.Seconds(timeout.Value.TotalSeconds)}.");
            }

            accepted(1);
        }
    }

    private static async IAsyncEnumerable<byte[]?> ReadLinesAsync(ItemInput items, [EnumeratorCancellation] CancellationToken stop)
    {
        if (!Console.IsInputRedirected)
        {
            Console.Error.WriteLine("One item a line; Ctrl+D ends.");
        }

        using var input = StandardFile.OpenInput();
        await foreach (var item in items.ReadAsync(input, stop))
        {
            yield return item;
        }
    }

    private static IAsyncEnumerable<byte[]?> One(byte[]? item) => new[] { item }.ToAsyncEnumerable();

    /// <summary>Whoever wants to go on has to know where. What a broker that went away has not answered may have been put, or not.</summary>
    private static string PutSoFar(long put, Exception why) => (put, why) switch
    {
        (0, ToolException or ArgumentException or BrokerUnavailableException) => string.Empty,
        (0, _) => " Nothing was put.",
        (_, ToolException or ArgumentException) => $" The {Words.Count(put, "item")} before it {WasOrWere(put)} put.",
        (_, BrokerUnavailableException) => $" At least {Words.Count(put, "item")} {WasOrWere(put)} put.",
        _ => $" {Words.Count(put, "item")} {WasOrWere(put)} put.",
    };

    private static string WasOrWere(long count) => count == 1 ? "was" : "were";

    private static void SayPut(Invocation invocation, string name, long count)
    {
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteString("queue", name);
                json.WriteNumber("put", count);
            });
        }
        else if (!Console.IsOutputRedirected)
        {
            Console.Out.WriteLine($"{Words.Count(count, "item")} put into {Escapes.In(name)}");
        }
    }
}
