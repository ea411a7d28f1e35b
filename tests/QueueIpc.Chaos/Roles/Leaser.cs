using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos.Roles;

/// <summary>Leases, one at a time or as a stream, and settles: most with Ack, some with Nack, Release, or by leaving without a word.</summary>
internal sealed class Leaser(Orders orders) : Role(orders)
{
    private const int TimeoutMsMax = 300;
    private const int DelayMsMax = 100;

    public static void Run(Orders orders)
    {
        using var role = new Leaser(orders);
        role.Run();
    }

    protected override void Work(QueueClient client)
    {
        using var queue = client.OpenQueue<ChaosItem>(Queues.Names[Orders.Queue], Queues.Options);
        try
        {
            // Whose pipe is never cut has one way for all its life: of both there must be some.
            if (Orders.IsDurable ? Orders.Life % 2 == 0 : Random.Next(2) == 0)
            {
                ReadLeasesAsync(queue).GetAwaiter().GetResult();
            }
            else
            {
                LeaseOneByOne(queue);
            }
        }
        catch (QueueCompletedException)
        {
            // The usual end of leasing one by one.
        }

        Write(Act.Completed);
    }

    private void LeaseOneByOne(IpcQueue<ChaosItem> queue)
    {
        while (true)
        {
            var timeout = TimeSpan.FromMilliseconds(Random.Next(TimeoutMsMax));
            Tide.WaitWhileHigh();
            Write(Act.Getting, (long)timeout.TotalMicroseconds);
            CallStarts();
            var found = queue.TryLease(out var lease, timeout);
            var took = CallTook();
            if (found)
            {
                Write(Act.Got, lease!.Item, took, lease.Failures);
                Settle(lease, Act.Acked);
            }
            else
            {
                Write(Act.Empty, took);
            }
        }
    }

    private async Task ReadLeasesAsync(IpcQueue<ChaosItem> queue)
    {
        await foreach (var lease in queue.LeaseAllAsync().ConfigureAwait(false))
        {
            Write(Act.Got, lease.Item, 0, lease.Failures);
            Settle(lease, Act.AckedSoon);
        }
    }

    private void Settle(QueueLease<ChaosItem> lease, Act acked)
    {
        var verdict = Random.Next(100);
        Write(verdict < 85 ? Act.Acking : Act.GivingBack, lease.Item);
        CallStarts();
        try
        {
            switch (verdict)
            {
                case < 85:
                    lease.Ack();
                    Write(acked, lease.Item);
                    break;
                case < 90:
                    lease.Nack();
                    break;
                case < 93:
                    lease.Nack(TimeSpan.FromMilliseconds(Random.Next(DelayMsMax)));
                    break;
                case < 97:
                    lease.Release();
                    break;
                default:
                    lease.Dispose();
                    break;
            }
        }
        catch (LeaseLostException)
        {
            Write(Act.LeaseLost, lease.Item);
        }
    }
}
