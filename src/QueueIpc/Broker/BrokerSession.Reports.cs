using QueueIpc.Core;
using QueueIpc.Protocol;

namespace QueueIpc.Broker;

/// <summary>Answers that describe queues and their items.</summary>
internal sealed partial class BrokerSession
{
    /// <summary>One answer is at most about so long; whoever wants to see more dead items deletes or redrives some first.</summary>
    private const long ReportBytesMax = 1 << 20;

    private void List(in FrameHeader header)
    {
        WriteInfos(header, _services.Queues.List());
        _touched.Add(Outbox);
    }

    /// <summary>A report comes behind all that the queue has said before it, also where that has to wait until it is kept.</summary>
    private void Report(QueueEngine queue, Action write)
    {
        if (queue.IsDurable)
        {
            queue.WhenKept(Outbox, write, _touched);
            return;
        }

        write();
        _touched.Add(Outbox);
    }

    private void WriteInfos(in FrameHeader header, IReadOnlyList<QueueEngine> queues)
    {
        // Counting takes each queue's lock, and that comes before the outbox's.
        var counts = queues.Select(queue => (queue, queue.Count())).ToArray();
        lock (Outbox.SyncRoot)
        {
            var to = Outbox.Open;
            to.BeginFrame(Op.QueueInfos, header.Queue, header.Request);
            to.Int32(counts.Length);
            foreach (var (queue, count) in counts)
            {
                WriteInfo(to, queue, count);
                if (Version > 1)
                {
                    to.Text(queue.Label);
                    to.Bool(queue.IsDurable);
                }
            }

            to.EndFrame();
        }
    }

    private static void WriteInfo(OutBuffer to, QueueEngine queue, in QueueCounts counts)
    {
        to.Text(queue.Name);
        to.Int32(queue.Settings.Capacity);
        to.Int32(counts.Ready);
        to.Int32(counts.Held);
        to.Int32(counts.Delayed);
        to.Int32(counts.Dead);
        to.Int64(counts.Bytes);
        to.Int32(counts.WaitingGets);
        to.Int32(counts.WaitingPuts);
        to.Int64(counts.OldestAge);
        to.Int64(counts.TotalPut);
        to.Int64(counts.TotalTaken);
        to.Byte((byte)(counts.IsCompleted ? QueueState.Completed : counts.IsClosed ? QueueState.Draining : QueueState.Open));
    }

    private void WritePeeked(in FrameHeader header, IReadOnlyList<Item> items)
    {
        if (items.Count == 0)
        {
            WriteAnswer(header.Queue, header.Request, Op.Empty, 0);
            return;
        }

        lock (Outbox.SyncRoot)
        {
            var to = Outbox.Open;
            to.BeginFrame(Op.Items, header.Queue, header.Request);
            to.Int32(items.Count);
            foreach (var item in items)
            {
                Answers.WriteItems(to, item.Packed);
            }

            to.EndFrame();
        }
    }

    private void WriteDead(in FrameHeader header, IReadOnlyList<DeadLetter> letters, int all)
    {
        long bytes = 0;
        var count = letters.TakeWhile((letter, i) => (bytes += letter.Item.StoredBytes + letter.Reason.Length) <= ReportBytesMax || i == 0).Count();
        var (now, unixOffset) = (_services.Clock.Now, _services.UnixOffset);
        lock (Outbox.SyncRoot)
        {
            var to = Outbox.Open;
            to.BeginFrame(Op.DeadItems, header.Queue, header.Request);
            to.Int32(count);
            foreach (var letter in letters.Take(count))
            {
                to.Int64(letter.Item.Sequence);
                to.Int32(letter.Item.Failures);
                to.Int64(now - letter.DiedAt);
                if (Version > 1)
                {
                    to.Int64(letter.DiedAt + unixOffset);
                }

                to.Text(letter.Reason);
                Answers.WriteItems(to, letter.Item.Packed);
            }

            if (Version > 1)
            {
                to.Int32(all);
            }

            to.EndFrame();
        }
    }

    private void WriteHeld(in FrameHeader header, IReadOnlyList<Holding> items)
    {
        // Asking the system for a program's name takes its time.
        var holders = items.Select(item => ((SessionQueue)item.Holder.Tag!).Session).ToArray();
        var programs = holders.Distinct().ToDictionary(session => session, session => session.Program);
        lock (Outbox.SyncRoot)
        {
            var to = Outbox.Open;
            to.BeginFrame(Op.HeldItems, header.Queue, header.Request);
            to.Int32(items.Count);
            for (var i = 0; i < items.Count; i++)
            {
                to.Int64(items[i].Item.Sequence);
                to.Int32(items[i].Item.Failures);
                to.Int32(items[i].Item.StoredBytes);
                to.Int64(items[i].HeldFor);
                to.Int64(items[i].LeaseLeft);
                to.Bool(items[i].InHand);
                to.Int32(holders[i].ProcessId);
                to.Text(programs[holders[i]]);
            }

            to.EndFrame();
        }
    }
}
