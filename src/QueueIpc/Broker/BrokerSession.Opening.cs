using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>A client opens a queue by its name, or gives it other settings.</summary>
internal sealed partial class BrokerSession
{
    private void Open(in FrameHeader header, BodyReader body)
    {
        var name = body.Text();
        var wanted = body.Bool() ? ReadSettings(ref body) : null;
        bool? transient = wanted is not null && Version > 1 ? body.Bool() : null;
        var label = transient is null ? string.Empty : body.Text();
        body.End();
        if (name.Length > 0)
        {
            CheckName(name);
        }

        if (label.Length > 0)
        {
            CheckLabel(name, label);
        }

        if (_open.Count >= _services.Options.MaxOpenQueues)
        {
            throw new RefusedException(ErrorCode.TooManyQueues, $"one connection may have {_services.Options.MaxOpenQueues} queues open, and has them");
        }

        var queue = _services.Queues.Open(name, wanted, transient, label);
        if (name.Length == 0)
        {
            _owned.Add(queue.Name);
        }

        var id = ++_lastQueueId;
        AddOpen(id, queue, queue.Attach(new SessionQueue(this, id), _waitingPuts, ShareOf(queue)));
        var request = header.Request;
        if (queue.IsDurable)
        {
            queue.WhenKept(Outbox, () => WriteOpened(request, id, queue), _touched);
            return;
        }

        WriteOpened(request, id, queue);
        _touched.Add(Outbox);
    }

    private void Update(in FrameHeader header, BodyReader body)
    {
        var name = body.Text();
        var settings = ReadSettings(ref body);
        body.End();
        AnswerWhenKept(header, _services.Queues.Update(name, settings, _touched), Op.Done);
    }

    private void WriteOpened(ulong request, uint id, QueueEngine queue)
    {
        lock (Outbox.SyncRoot)
        {
            var to = Outbox.Open;
            to.BeginFrame(Op.Opened, id, request);
            to.Text(queue.Name);
            to.Int32(queue.Settings.Capacity);
            to.Int64(queue.Settings.MaxBytes);
            to.Int64(queue.Settings.LeaseTime);
            to.Int32(queue.Settings.MaxFailures);
            to.EndFrame();
        }
    }

    private static QueueSettings ReadSettings(ref BodyReader body) => new()
    {
        Capacity = NotNegative(body.Int32(), "Capacity"),
        MaxBytes = NotNegative(body.Int64(), "MaxBytes"),
        LeaseTime = LeaseTime(body.Int64()),
        MaxFailures = body.Int32() is var failures && failures <= ushort.MaxValue
            ? NotNegative(failures, "MaxFailures")
            : throw new RefusedException(ErrorCode.BadValue, $"MaxFailures is {failures}; it may be {ushort.MaxValue}"),
    };

    /// <summary>A lease that ends before its holder can have heard of it would be given again and again, as fast as the broker can.</summary>
    private static long LeaseTime(long micros) => micros is <= 0 or >= QueueSettings.LeaseTimeMin
        ? NotNegative(micros, "LeaseTime")
        : throw new RefusedException(ErrorCode.BadValue, $"LeaseTime is {micros}; it must be {QueueSettings.LeaseTimeMin} microseconds or more, or 0");

    private static void CheckName(string name)
    {
        if (QueueNames.Problem(name) is { } problem)
        {
            throw new RefusedException(ErrorCode.BadName, problem);
        }
    }

    private static void CheckLabel(string name, string label)
    {
        if (name.Length > 0)
        {
            throw new RefusedException(ErrorCode.BadValue, $"the label '{label}' is for an unnamed queue; this one has a name");
        }

        if (QueueNames.Problem(label, "label") is { } problem)
        {
            throw new RefusedException(ErrorCode.BadValue, problem);
        }
    }
}
