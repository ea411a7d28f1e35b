using System.CommandLine;
using QueueIpc.Cli.Output;
using QueueIpc.Cli.Tool;

namespace QueueIpc.Cli.Commands;

/// <summary>The settings of a queue, as 'create' and 'set' take and show them.</summary>
internal sealed class QueueSettingsSaid
{
    private const int MaxFailuresMax = ushort.MaxValue;

    private readonly Option<long?> _capacity = Parameters.Count("--capacity", "How many items may wait; 0 is any number.", min: 0, max: int.MaxValue);
    private readonly Option<long?> _maxBytes = Parameters.Count("--max-bytes", "How many bytes may be stored; 0 is any number.", min: 0);
    private readonly Option<double?> _leaseTime = Parameters.Seconds("--lease-time", "How long a lease lasts without a sign of life; 0 is for ever.", min: 0);
    private readonly Option<long?> _maxFailures = Parameters.Count("--max-failures", "After how many failures an item is dead; 0 is never.", min: 0, max: MaxFailuresMax);

    public Symbol[] All => [_capacity, _maxBytes, _leaseTime, _maxFailures];

    public bool AnySaid(Invocation invocation) => All.Any(option => invocation.Has((Option)option));

    /// <summary>What was said; the rest stays as it is.</summary>
    public void Apply(Invocation invocation, QueueOptions options)
    {
        options.Capacity = (int?)invocation.Get(_capacity) ?? options.Capacity;
        options.MaxBytes = invocation.Get(_maxBytes) ?? options.MaxBytes;
        options.LeaseTime = Parameters.Time(invocation.Get(_leaseTime)) is { } time ? (time == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : time) : options.LeaseTime;
        options.MaxFailures = (int?)invocation.Get(_maxFailures) ?? options.MaxFailures;
    }

    public static void Print(Invocation invocation, string queue, QueueOptions options)
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
