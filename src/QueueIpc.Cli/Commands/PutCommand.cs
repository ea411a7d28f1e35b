using System.CommandLine;
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
        var command = new ToolCommand(
            "put",
            "Puts items into a queue.",
            "queueipc put jobs hello\nseq 1 1000 | queueipc put jobs\nqueueipc put orders --json-items '{\"Id\":1,\"Name\":\"book\"}'",
            invocation => RunAsync(invocation, invocation.Get(queue), invocation.Get(text), FormOf(invocation, json, raw)),
            queue,
            text,
            json,
            raw)
        {
            Details = """
                The queue is made if it is not there. While it is full, this waits.
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

    private static async Task<int> RunAsync(Invocation invocation, string name, string? text, InputForm form)
    {
        using var client = invocation.Connect();
        using var queue = client.OpenQueue<byte[]?>(name);
        var items = new ItemInput(form);
        long count = 1;
        if (text is null or StandardInput)
        {
            count = await PutLinesAsync(queue, items, invocation.Stop.Token);
        }
        else
        {
            queue.Put(items.ItemOf(Encoding.UTF8.GetBytes(text), "the item"), invocation.Stop.Token);
        }

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
            Console.Out.WriteLine($"{Words.Count(count, "item")} put into {name}");
        }

        return ExitCode.Done;
    }

    private static async Task<long> PutLinesAsync(IpcQueue<byte[]?> queue, ItemInput items, CancellationToken stop)
    {
        if (!Console.IsInputRedirected)
        {
            Console.Error.WriteLine("One item a line; Ctrl+D ends.");
        }

        using var input = Console.OpenStandardInput();
        try
        {
            await queue.PutManyAsync(items.ReadAsync(input, stop), stop);
            return items.Count;
        }
        catch (UsageException e)
        {
            throw new UsageException($"{e.Message} The {Words.Count(items.Count, "item")} before it {(items.Count == 1 ? "was" : "were")} put.");
        }
    }
}
