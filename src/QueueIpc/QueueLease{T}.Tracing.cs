using System.Diagnostics;
using QueueIpc.Protocol;

namespace QueueIpc;

public sealed partial class QueueLease<T>
{
    private readonly long _leasedAt;

    // An ActivityContext in a box: most leases have none, and should not be larger for it.
    private readonly object? _trace;

    /// <summary>The span of what is done with the item, if somebody has started it.</summary>
    private Activity? _activity;

    /// <summary>The trace in which the item was put; none if it was put without one.</summary>
    public ActivityContext TraceContext => _trace is ActivityContext trace ? trace : default;

    /// <summary>
    /// Starts the span "process" of what is done with the item; dispose it when that is done. It belongs to the trace in which the item was put, unless another
    /// span is current, and is linked to it in both cases. A verdict that is no ack, given before it is disposed, is its error.
    /// </summary>
    /// <returns>The span, which is the current one from here on; null when nobody listens to the activity source "QueueIpc".</returns>
    public Activity? StartActivity()
    {
        var activity = Telemetry.Start(_group.Queue, "process", "process", ActivityKind.Consumer, Activity.Current is null ? TraceContext : default);
        _activity = activity;
        return _trace is ActivityContext trace ? activity?.AddLink(new ActivityLink(trace)) : activity;
    }

    private void Measure(Op outcome)
    {
        if (_leasedAt == 0 && _activity is null)
        {
            return;
        }

        var error = outcome switch { Op.Ack => null, Op.Nack => "nacked", Op.Release => "released", Op.DeadLetter => "dead_lettered", _ => "verdict_lost" };
        if (error is not null && _activity is { IsStopped: false } activity)
        {
            // Whoever failed may have said already why.
            activity.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error, activity.StatusDescription);
        }

        if (_leasedAt == 0)
        {
            return;
        }

        var tags = Telemetry.Tags(_group.Queue, "process", "process");
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        Telemetry.ProcessDuration.Record(Stopwatch.GetElapsedTime(_leasedAt).TotalSeconds, tags);
    }
}
