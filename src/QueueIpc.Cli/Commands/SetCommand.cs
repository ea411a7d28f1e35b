using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>Other settings for a queue that lives.</summary>
internal static class SetCommand
{
    public static ToolCommand Create()
    {
        var queue = Parameters.Queue();
        var capacity = Parameters.Count("--capacity", "How many items may wait; 0 is any number.", min: 0);
        var maxBytes = Parameters.Count("--max-bytes", "How many bytes may be stored; 0 is any number.", min: 0);
        var leaseTime = Parameters.Seconds("--lease-time", "How long a lease lasts without a sign of life; 0 is for ever.", min: 0);
        var maxFailures = Parameters.Count("--max-failures", "After how many failures an item is dead; 0 is never.", min: 0);
        return new ToolCommand(
            "set",
            "Changes the settings of a queue. What is not said stays as it is.",
            "queueipc set jobs --capacity 5000",
            invocation =>
            {
                if (!invocation.Has(capacity) && !invocation.Has(maxBytes) && !invocation.Has(leaseTime) && !invocation.Has(maxFailures))
                {
                    throw new UsageException("nothing to set: say --capacity, --max-bytes, --lease-time or --max-failures.");
                }

                using var client = invocation.Connect();
                using var it = Invocation.OpenExisting(client, invocation.Get(queue));
                var options = it.Options;
                options.Capacity = invocation.Get(capacity) is { } items ? checked((int)Math.Min(items, int.MaxValue)) : options.Capacity;
                options.MaxBytes = invocation.Get(maxBytes) ?? options.MaxBytes;
                options.LeaseTime = Parameters.Time(invocation.Get(leaseTime)) is { } time ? (time == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : time) : options.LeaseTime;
                options.MaxFailures = invocation.Get(maxFailures) is { } failures ? checked((int)Math.Min(failures, int.MaxValue)) : options.MaxFailures;
                client.UpdateQueue(it.Name, options);
                Say(invocation, it.Name, options);
                return ExitCode.Done;
            },
            queue,
            capacity,
            maxBytes,
            leaseTime,
            maxFailures);
    }

    private static void Say(Invocation invocation, string queue, QueueOptions options)
    {
        var leaseTime = options.LeaseTime == Timeout.InfiniteTimeSpan ? 0 : options.LeaseTime.TotalSeconds;
        if (invocation.Json)
        {
            Json.PrintObject(json =>
            {
                json.WriteString("queue", queue);
                json.WriteNumber("capacity", options.Capacity);
                json.WriteNumber("maxBytes", options.MaxBytes);
                json.WriteNumber("leaseTime", leaseTime);
                json.WriteNumber("maxFailures", options.MaxFailures);
            });
            return;
        }

        Console.Out.WriteLine(
            $"{Escapes.In(queue)}: capacity {Limit(options.Capacity)}, bytes {Limit(options.MaxBytes)}, lease time {(leaseTime == 0 ? "for ever" : Words.Seconds(leaseTime))}, dead after {(options.MaxFailures == 0 ? "no number of failures" : Words.Count(options.MaxFailures, "failure"))}");
    }

    private static string Limit(long value) => value == 0 ? "unlimited" : Words.Number(value);
}
