using System.Buffers;
using QueueIpc.Cli.Items;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;
using QueueIpc.Sqlite;

namespace QueueIpc.Cli.Commands;

/// <summary>Queues on the disk as lines, and lines as queues on the disk.</summary>
internal static class DataLinesCommand
{
    private const int OutputBytes = 64 * 1024;

    public static ToolCommand Export()
    {
        var directory = DataCommand.Directory();
        return new ToolCommand(
            "export",
            "Prints all that can be read in a directory, a line of JSON for each queue and each item.",
            "queueipc data export DIR > lines",
            invocation => RunExport(invocation, invocation.Get(directory)),
            directory)
        {
            Details = """
                Changes nothing, and reads also what a broker refuses as damaged. What cannot be read
                is said on the standard error, and the exit code is 1 then.
                """,
        };
    }

    public static ToolCommand Import()
    {
        var directory = DataCommand.Directory();
        return new ToolCommand(
            "import",
            "Makes queues in a directory of the lines on the standard input.",
            "queueipc data import DIR < lines",
            invocation => RunImportAsync(invocation, invocation.Get(directory)),
            directory)
        {
            Details = """
                The lines are those of 'data export'. All of them are put there, or none. A queue that
                the directory has already is refused: a new directory is the best place.
                """,
        };
    }

    private static int RunExport(Invocation invocation, string directory)
    {
        using var data = SavedData.Open(directory);
        using var output = new PlainOutput();
        var lines = new ArrayBufferWriter<byte>(OutputBytes);
        foreach (var queue in data.Queues())
        {
            SavedLine.Write(queue, lines);
            foreach (var item in data.ItemsOf(queue))
            {
                SavedLine.Write(queue.Name, item, lines);
                if (lines.WrittenCount >= OutputBytes && !Print())
                {
                    return ExitCode.Done;
                }
            }
        }

        _ = Print();
        foreach (var lost in data.Lost)
        {
            Failures.Say($"could not be read: {lost}", ExitCode.Failed, invocation.Json);
        }

        return data.Lost.Count == 0 ? ExitCode.Done : ExitCode.Failed;

        bool Print()
        {
            var isOver = output.Print(lines.WrittenSpan, []).IsOver;
            lines.ResetWrittenCount();
            return !isOver;
        }
    }

    private static async Task<int> RunImportAsync(Invocation invocation, string directory)
    {
        using var input = StandardFile.OpenInput();
        using var import = DataImport.Open(directory);
        var number = 0L;
        try
        {
            await foreach (var line in new InputLines(input).ReadAsync(invocation.Stop.Token))
            {
                number++;
                var (queue, item) = SavedLine.Read(line);
                if (item is null)
                {
                    import.Add(queue);
                }
                else
                {
                    import.Add(queue.Name, item);
                }
            }
        }
        catch (Exception e) when (e is UsageException or InvalidOperationException)
        {
            throw new UsageException($"line {number}: {e.Message.TrimEnd('.')}. Nothing was imported.");
        }

        import.Finish();
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteNumber("queues", import.Queues);
                json.WriteNumber("items", import.Items);
            });
        }
        else
        {
            Console.Out.WriteLine($"{Words.Count(import.Items, "item")} in {Words.Count(import.Queues, "queue")}");
        }

        return ExitCode.Done;
    }
}
