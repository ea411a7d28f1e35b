using System.Buffers;
using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Prints the first items and leaves them where they are.</summary>
internal static class PeekCommand
{
    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        var count = Parameters.Count("--count", "So many items at most. Without it: one.", min: 1, "-n");
        return new ToolCommand(
            "peek",
            "Prints the first items of a queue and leaves them where they are.",
            "queueipc peek jobs -n 5",
            invocation => Run(invocation, invocation.Get(queue), invocation.Get(count) ?? 1),
            queue,
            count);
    }

    private static int Run(Invocation invocation, string name, long count)
    {
        using var client = invocation.Connect();
        using var queue = Invocation.OpenExisting(client, name);
        var items = queue.PeekMany((int)Math.Min(count, int.MaxValue));
        if (items.Count == 0)
        {
            throw new ToolException($"'{name}' is empty.");
        }

        var lines = new ArrayBufferWriter<byte>();
        var ends = new List<int>();
        foreach (var item in items)
        {
            ItemLine.Write(item, failures: null, invocation.Json ? ItemForm.Json : ItemForm.Text, lines);
            ends.Add(lines.WrittenCount);
        }

        using var output = new PlainOutput();
        output.Print(lines.WrittenSpan, ends);
        return ExitCode.Done;
    }
}
