using QueueIpc.Core;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc.Client;

/// <summary>Reads the answers that describe queues, their dead items, and the clients of the broker.</summary>
internal static class QueueReports
{
    public static IReadOnlyList<QueueInfo> ReadInfos(BodyReader body, ushort version)
    {
        var infos = new QueueInfo[body.Count(bytesEachMin: 2)];
        for (var i = 0; i < infos.Length; i++)
        {
            var info = new QueueInfo(
                Name: body.Text(),
                Capacity: body.Int32(),
                Ready: body.Int32(),
                Leased: body.Int32(),
                Delayed: body.Int32(),
                Dead: body.Int32(),
                Bytes: body.Int64(),
                WaitingGets: body.Int32(),
                WaitingPuts: body.Int32(),
                OldestAge: Waits.FromMicros(body.Int64()),
                TotalPut: body.Int64(),
                TotalTaken: body.Int64(),
                IsCompleted: false);
            var state = body.State();
            infos[i] = info with
            {
                IsCompleted = state == QueueState.Completed,
                IsDraining = state == QueueState.Draining,
                Label = version > 1 ? body.Text() : string.Empty,
                IsDurable = version > 1 && body.Bool(),
            };
        }

        body.End();
        return infos;
    }

    /// <summary>The oldest, and how many there are in all; in version 1 the broker does not say that: -1.</summary>
    public static (IReadOnlyList<DeadItem> Oldest, int All) ReadDead(BodyReader body, ushort version, IQueueSerializer? serializer = null)
    {
        var dead = new DeadItem[body.Count(bytesEachMin: 2)];
        for (var i = 0; i < dead.Length; i++)
        {
            var (sequence, failures, age) = (body.Int64(), body.Int32(), body.Int64());
            var diedAt = version > 1 ? body.Int64() : WallClock.UnixMicros - age;
            dead[i] = new DeadItem(sequence, failures, Waits.FromMicros(age), Reason: body.Text(), Bytes: WithoutNote(body.Item(out var length), length))
            {
                DiedAt = DateOf(diedAt),
                IsNull = length == Item.NullLength,
                Serializer = serializer,
            };
        }

        var all = version > 1 ? body.Int32() : -1;
        body.End();
        return (dead, all);
    }

    public static IReadOnlyList<HeldItem> ReadHeld(BodyReader body)
    {
        var held = new HeldItem[body.Count(bytesEachMin: 39)];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = new HeldItem(
                Sequence: body.Int64(),
                Failures: body.Int32(),
                Bytes: body.Int32(),
                Age: Waits.FromMicros(body.Int64()),
                LeaseLeft: body.Int64() is >= 0 and var left ? Waits.FromMicros(left) : null,
                IsInHand: body.Bool(),
                ProcessId: body.Int32(),
                Program: body.Text());
        }

        body.End();
        return held;
    }

    public static IReadOnlyList<ConnectionInfo> ReadConnections(BodyReader body)
    {
        var connections = new ConnectionInfo[body.Count(bytesEachMin: 24)];
        for (var i = 0; i < connections.Length; i++)
        {
            connections[i] = new ConnectionInfo(
                ProcessId: body.Int32(),
                Program: body.Text(),
                User: body.Text(),
                Age: Waits.FromMicros(body.Int64()),
                OpenQueues: body.Int32(),
                Queues: ReadQueues(ref body));
        }

        body.End();
        return connections;
    }

    private static ConnectionQueueInfo[] ReadQueues(ref BodyReader body)
    {
        var queues = new ConnectionQueueInfo[body.Count(bytesEachMin: 18)];
        for (var i = 0; i < queues.Length; i++)
        {
            queues[i] = new ConnectionQueueInfo(body.Text(), body.Int32(), body.Int32(), body.Int32(), body.Int32());
        }

        return queues;
    }

    /// <summary>A broker's clock may say anything: what is no date is the nearest one.</summary>
    private static DateTimeOffset DateOf(long unixMicros)
    {
        var (min, max) = (DateTimeOffset.MinValue - DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch);
        var ticks = Math.Clamp(unixMicros, min.Ticks / TimeSpan.TicksPerMicrosecond, max.Ticks / TimeSpan.TicksPerMicrosecond) * TimeSpan.TicksPerMicrosecond;
        return DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(ticks);
    }

    private static byte[] WithoutNote(ReadOnlySpan<byte> item, int length) => item[..^(length < Item.NoteFlag ? 0 : TraceNote.BytesAtEnd(item))].ToArray();
}
