using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>Reads the answers that describe queues and their dead items.</summary>
internal static class QueueReports
{
    public static IReadOnlyList<QueueInfo> ReadInfos(BodyReader body)
    {
        var infos = new QueueInfo[body.Count(bytesEachMin: 2)];
        for (var i = 0; i < infos.Length; i++)
        {
            infos[i] = new QueueInfo(
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
                IsCompleted: body.Bool());
        }

        body.End();
        return infos;
    }

    public static IReadOnlyList<DeadItem> ReadDead(BodyReader body)
    {
        var dead = new DeadItem[body.Count(bytesEachMin: 2)];
        for (var i = 0; i < dead.Length; i++)
        {
            dead[i] = new DeadItem(
                Sequence: body.Int64(),
                Failures: body.Int32(),
                Age: Waits.FromMicros(body.Int64()),
                Reason: body.Text(),
                Bytes: body.Item(out _).ToArray());
        }

        body.End();
        return dead;
    }
}
