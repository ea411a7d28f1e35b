using System.CommandLine;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;
using QueueIpc.Sqlite;

namespace QueueIpc.Cli.Commands;

/// <summary>Queues on the disk, while no broker has them.</summary>
internal static class DataCommand
{
    public static Command Create() => new("data", "Deals with queues on the disk while no broker has them.")
    {
        Info(),
        Check(),
        Compact(),
        DataLinesCommand.Export(),
        DataLinesCommand.Import(),
    };

    public static Argument<string> Directory() => new("dir") { Description = "The directory, as 'serve --data' has it." };

    private static ToolCommand Info()
    {
        var directory = Directory();
        return new ToolCommand(
            "info",
            "Shows which queues are in a directory, and how large it is.",
            "queueipc data info DIR",
            invocation => RunInfo(invocation, invocation.Get(directory)),
            directory);
    }

    private static ToolCommand Check()
    {
        var directory = Directory();
        return new ToolCommand(
            "check",
            "Reads all that is in a directory, and says what is not as it was written.",
            "queueipc data check DIR",
            invocation => RunCheck(invocation, invocation.Get(directory)),
            directory)
        {
            Details = "Changes nothing. Exit code 1 when something is damaged; 'data export' saves the rest.",
        };
    }

    private static ToolCommand Compact()
    {
        var directory = Directory();
        return new ToolCommand(
            "compact",
            "Makes the file as small as what is in it.",
            "queueipc data compact DIR",
            invocation => RunCompact(invocation, invocation.Get(directory)),
            directory)
        {
            Details = "Needs about twice as much free space as what is in the file, for as long as it takes.",
        };
    }

    private static int RunInfo(Invocation invocation, string directory)
    {
        using var data = SavedData.Open(directory);
        var queues = data.Count();
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteNumber("format", data.Version);
                json.WriteNumber("fileBytes", data.FileBytes);
                json.WriteNumber("emptyBytes", data.EmptyBytes);
                json.WriteNumber("logBytes", data.LogBytes);
                json.WritePropertyName("queues");
                Json.WriteArray(json, queues, (to, counts) =>
                {
                    to.WriteString("name", counts.Queue.Name);
                    to.WriteNumber("ready", counts.Ready);
                    to.WriteNumber("delayed", counts.Delayed);
                    to.WriteNumber("dead", counts.Dead);
                    to.WriteNumber("bytes", counts.Bytes);
                    to.WriteNumber("lastSequence", counts.Queue.LastSequence);
                    to.WriteBoolean("isCompleted", counts.Queue.IsCompleted);
                });
            });
            return ExitCode.Done;
        }

        Console.Out.WriteLine($"format {data.Version}, file {Words.Bytes(data.FileBytes)} (of it {Words.Bytes(data.EmptyBytes)} empty), log {Words.Bytes(data.LogBytes)}");
        var table = new TextTable("QUEUE", "READY", "DELAYED", "DEAD", "BYTES", "STATE") { WordTitles = ["QUEUE", "STATE"] };
        foreach (var (queue, ready, delayed, dead, bytes) in queues)
        {
            table.Add(queue.Name, Words.Number(ready), Words.Number(delayed), Words.Number(dead), Words.Bytes(bytes), queue.IsCompleted ? "completed" : "open");
        }

        table.Print(Console.Out);
        return ExitCode.Done;
    }

    private static int RunCheck(Invocation invocation, string directory)
    {
        var (queues, items, faults) = FaultsOf(directory);
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteBoolean("ok", faults.Count == 0);
                json.WriteNumber("queues", queues);
                json.WriteNumber("items", items);
                json.WriteStartArray("faults");
                faults.ForEach(json.WriteStringValue);
                json.WriteEndArray();
            });
        }
        else if (faults.Count == 0)
        {
            Console.Out.WriteLine($"OK: {Words.Count(queues, "queue")}, {Words.Count(items, "item")}, all as they were written");
        }
        else
        {
            faults.ForEach(fault => Console.Out.WriteLine($"FAILED: {Escapes.In(fault)}"));
            Console.Out.WriteLine($"{Words.Count(queues, "queue")} and {Words.Count(items, "item")} can be read: 'queueipc data export' saves them");
        }

        return faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    public static (int Queues, long Items, List<string> Faults) FaultsOf(string directory)
    {
        using var data = SavedData.Open(directory);
        List<string> faults = [.. data.StructureFaults()];
        var queues = data.Queues();
        var items = queues.Sum(queue => data.ItemsOf(queue).LongCount());
        data.CheckProducers();
        faults.AddRange(data.Lost);
        return (queues.Count, items, faults);
    }

    private static int RunCompact(Invocation invocation, string directory)
    {
        var (before, after) = DataCompaction.Run(directory);
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteNumber("bytesBefore", before);
                json.WriteNumber("bytesAfter", after);
            });
        }
        else
        {
            Console.Out.WriteLine($"{Words.Bytes(after)}, and {Words.Bytes(before)} before");
        }

        return ExitCode.Done;
    }
}
