using Microsoft.Data.Sqlite;
using QueueIpc.Core;

namespace QueueIpc.Sqlite;

/// <summary>How rows are written, each kind by a statement of its own.</summary>
internal sealed partial class Database
{
    public void Write(in RowChange change)
    {
        var command = _commands[change.Kind];
        switch (change.Kind)
        {
            case RowKind.NewQueue or RowKind.QueueState:
                WriteQueue(command, change.Queue);
                break;
            case RowKind.QueueGone:
                Run(_itemsGone, change.Queue.Id);
                Run(_producersGone, change.Queue.Id);
                Run(command, change.Queue.Id);
                break;
            case RowKind.Run:
                WriteRun(command, change.Queue, change.Run!);
                break;
            case RowKind.RunGone:
                Run(command, change.Run!.Id);
                if (change.Run.HasProgress)
                {
                    Run(_progressGone, change.Run.Id);
                }

                break;
            case RowKind.Progress:
                var gone = change.Run!.Gone!.ToBytes();
                Run(command, change.Run.Id, gone, Checksum.Of(gone, change.Run.Id));
                change.Run.HasProgress = true;
                break;
            case RowKind.Item or RowKind.ItemFate:
                WriteItem(command, change);
                break;
            case RowKind.Producer:
                WriteProducer(command, change);
                break;
            case RowKind.ProducerGone:
                Run(command, change.Queue.Id, change.Producer!.Id.ToByteArray());
                break;
            case RowKind.ItemGone:
                Run(command, change.Queue.Id, change.Sequence);
                break;
        }
    }

    private static void WriteQueue(SqliteCommand command, QueueRows queue)
    {
        var settings = queue.Settings;
        long closed = queue.IsClosed ? 1 : 0, discarding = queue.IsDiscarding ? 1 : 0;
        Run(command, queue.Id, queue.Name, settings.Capacity, settings.MaxBytes, settings.LeaseTime, settings.MaxFailures, closed, discarding, queue.LastSequence, queue.Dropped,
            Checksum.Of(System.Text.Encoding.UTF8.GetBytes(queue.Name), queue.Id, settings.Capacity, settings.MaxBytes, settings.LeaseTime, settings.MaxFailures, closed, discarding, queue.LastSequence, queue.Dropped));
    }

    private void WriteRun(SqliteCommand command, QueueRows queue, Run run)
    {
        var body = BodyOf(run.Pieces!, run.Bytes);
        run.Checksum = ChecksumOf(queue, run, body.Span);
        Run(command, run.Id, queue.Id, run.Sequence, run.Count, ToUnix(run.PutAt), run.Checksum, body);
    }

    private static ReadOnlyMemory<byte> BodyOf(List<ItemRun> pieces, int bytes)
    {
        if (pieces is [{ Items: var only }])
        {
            return only.Buffer.AsMemory(only.Offset, only.PackedBytes);
        }

        var body = new byte[bytes];
        var at = 0;
        foreach (var piece in pieces)
        {
            piece.Items.Packed.CopyTo(body.AsSpan(at));
            at += piece.PackedBytes;
        }

        return body;
    }

    private void WriteItem(SqliteCommand command, in RowChange change)
    {
        var (stored, item) = (change.Item, change.Item.Item);
        var packed = item.Packed;
        var at = stored.Fate == ChangeKind.Returned ? 0 : ToUnix(stored.At);
        var (putAt, fate) = (ToUnix(item.PutAt), (long)stored.Fate);
        var checksum = Checksum.Of(packed.Packed, stored.Reason, change.Queue.Id, item.Sequence, fate, item.Failures, putAt, at, change.DelayMicros);
        if (change.Kind == RowKind.Item)
        {
            Run(command, change.Queue.Id, item.Sequence, fate, item.Failures, putAt, at, change.DelayMicros, stored.Reason, checksum, packed.Buffer.AsMemory(packed.Offset, packed.PackedBytes));
        }
        else
        {
            Run(command, change.Queue.Id, item.Sequence, fate, item.Failures, putAt, at, change.DelayMicros, stored.Reason, checksum);
        }
    }

    private void WriteProducer(SqliteCommand command, in RowChange change)
    {
        var producer = change.Producer!;
        var (id, at) = (producer.Id.ToByteArray(), ToUnix(producer.At));
        byte[] missing = [.. producer.Missing.SelectMany(range => (byte[])[.. BitConverter.GetBytes(range.First), .. BitConverter.GetBytes(range.Last)])];
        Run(command, change.Queue.Id, id, producer.Last, missing, at, Checksum.Of([.. id, .. missing], change.Queue.Id, producer.Last, at));
    }
}
