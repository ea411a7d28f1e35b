using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>What each client of the broker holds and waits for: the answer to whoever asks why nothing moves.</summary>
internal sealed partial class BrokerSession
{
    private readonly long _connectedAt;

    /// <summary>Only this session changes its table of queues; others look at it while they hold its lock.</summary>
    private void AddOpen(uint id, QueueEngine queue, Attachment attachment)
    {
        lock (_open)
        {
            _open.Add(id, (queue, attachment));
        }
    }

    private void RemoveOpen(uint id)
    {
        lock (_open)
        {
            _open.Remove(id, out var closed);
            if (--closed.Attachment.Share.Numbers == 0)
            {
                _shares.Remove(closed.Queue);
            }
        }
    }

    private ClientShare ShareOf(QueueEngine queue)
    {
        if (!_shares.TryGetValue(queue, out var share))
        {
            _shares.Add(queue, share = new ClientShare(_services.Options.MaxHeldPerQueue));
        }

        share.Numbers++;
        return share;
    }

    private (int Open, IReadOnlyList<(string Name, AttachmentCounts Counts)> Busy) CountQueues()
    {
        (QueueEngine Queue, Attachment Attachment)[] open;
        lock (_open)
        {
            open = [.. _open.Values];
        }

        return (open.Length, [.. open.Select(it => (it.Queue.Name, Counts: it.Queue.CountOf(it.Attachment))).Where(it => !it.Counts.IsIdle)]);
    }

    private void WriteConnections(in FrameHeader header)
    {
        // Counting takes each queue's lock, and that comes before the outbox's; asking the system for names takes its time.
        var now = _services.Clock.Now;
        var rows = _services.Sessions().Where(session => Volatile.Read(ref session._greeted))
            .Select(session => (Session: session, Program: session.Program, Queues: session.CountQueues())).ToArray();
        lock (Outbox.SyncRoot)
        {
            var to = Outbox.Open;
            to.BeginFrame(Op.ConnectionInfos, header.Queue, header.Request);
            to.Int32(rows.Length);
            foreach (var (session, program, queues) in rows)
            {
                to.Int32(session.ProcessId);
                to.Text(program);
                to.Text(Environment.UserName);
                to.Int64(now - session._connectedAt);
                to.Int32(queues.Open);
                to.Int32(queues.Busy.Count);
                foreach (var (name, counts) in queues.Busy)
                {
                    to.Text(name);
                    to.Int32(counts.Held);
                    to.Int32(counts.WaitingGets);
                    to.Int32(counts.WaitingPuts);
                    to.Int32(counts.WaitingJoins);
                }
            }

            to.EndFrame();
        }

        _touched.Add(Outbox);
    }
}
