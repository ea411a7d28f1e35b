using System.Diagnostics;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>A put or a get that somebody watches: its span, how long it takes, and how many items it is about. There is none while nobody does.</summary>
internal sealed class Operation
{
    private readonly ClientQueue _queue;
    private readonly bool _isPut;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly Activity? _activity;

    private Operation(ClientQueue queue, bool isPut)
    {
        (_queue, _isPut) = (queue, isPut);
        var around = Activity.Current;
        _activity = Telemetry.Start(queue, Name, Type, isPut ? ActivityKind.Producer : ActivityKind.Consumer);
        if (isPut && Telemetry.Source.HasListeners() && (_activity ?? around) is { IdFormat: ActivityIdFormat.W3C } trace)
        {
            Note = TraceNote.Of(trace.Context);
        }

        // The caller goes on while a put or get is under way, and is not inside it.
        Activity.Current = around;
    }

    /// <summary>What goes with each item, so that its consumer knows in which trace it was put; null for nothing.</summary>
    public byte[]? Note { get; }

    private string Name => _isPut ? "put" : "get";

    private string Type => _isPut ? "send" : "receive";

    public static Operation? Put(ClientQueue queue) =>
        Telemetry.Source.HasListeners() || Telemetry.OperationDuration.Enabled || Telemetry.Sent.Enabled ? new Operation(queue, isPut: true) : null;

    public static Operation? Get(ClientQueue queue) =>
        Telemetry.Source.HasListeners() || Telemetry.OperationDuration.Enabled || Telemetry.Consumed.Enabled ? new Operation(queue, isPut: false) : null;

    /// <summary>An item was handed over by a reader. It has a span of its own if it was put inside a trace: what becomes of it is seen there.</summary>
    public static void HandedOver(ClientQueue queue, in DeliveredItem item)
    {
        if (!TraceNote.TryRead(item.Note, out var put))
        {
            return;
        }

        var around = Activity.Current;
        using (var activity = Telemetry.Start(queue, "get", "receive", ActivityKind.Consumer))
        {
            activity?.AddLink(new ActivityLink(put));
        }

        Activity.Current = around;
    }

    /// <summary>It has ended, as its call did.</summary>
    public void End(PendingCall call) => End(ErrorOf(call), _isPut ? Accepted(call) : Received(call));

    /// <summary>It has ended before anything was sent.</summary>
    public void Fail(Exception why) => End(why.GetType().FullName, items: 0);

    private void End(string? error, long items)
    {
        var tags = Telemetry.Tags(_queue, Name, Type);
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        Telemetry.OperationDuration.Record(Stopwatch.GetElapsedTime(_startedAt).TotalSeconds, tags);
        if (items > 0)
        {
            (_isPut ? Telemetry.Sent : Telemetry.Consumed).Add(items, tags);
        }

        if (_activity is null)
        {
            return;
        }

        _activity.SetTag("messaging.batch.message_count", items);
        if (error is not null)
        {
            _activity.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
        }

        var around = Activity.Current;
        _activity.Stop();
        Activity.Current = around;
    }

    /// <summary>Few and fixed, since each makes a series. A get that found nothing is no error.</summary>
    private static string? ErrorOf(PendingCall call) => call.State switch
    {
        CallState.Answered => call.Answer.Op switch
        {
            Op.Done or Op.Items or Op.Empty => null,
            Op.Full => "full",
            Op.NeverFits => "never_fits",
            Op.Completed => "completed",
            Op.Deleted => "deleted",
            Op.Cancelled => "cancelled",
            _ => "refused",
        },
        CallState.Waiting => "cancelled",
        _ => "broker_unavailable",
    };

    /// <summary>Also a put that ends early says how many it has put.</summary>
    private static long Accepted(PendingCall call) => call.State == CallState.Answered && call.Answer.Op != Op.Refused ? call.Body.Int64() : 0;

    private int Received(PendingCall call)
    {
        if (call.State != CallState.Answered || call.Answer.Op != Op.Items)
        {
            return 0;
        }

        var items = call.Items;
        var count = items.Remaining;
        for (var rest = _activity is null ? 0 : count; rest > 0; rest--)
        {
            if (TraceNote.TryRead(items.Next().Note, out var put))
            {
                _activity!.AddLink(new ActivityLink(put));
            }
        }

        return count;
    }
}
