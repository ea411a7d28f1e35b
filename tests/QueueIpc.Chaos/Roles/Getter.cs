using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos.Roles;

/// <summary>Takes with Get, one at a time, with timeouts.</summary>
internal sealed class Getter(Orders orders) : Role(orders)
{
    private const int TimeoutMsMax = 300;

    public static void Run(Orders orders)
    {
        using var role = new Getter(orders);
        role.Run();
    }

    protected override void Work(QueueClient client)
    {
        using var queue = client.OpenQueue<ChaosItem>(Queues.Names[Orders.Queue], Queues.Options);
        var withoutThread = Random.Next(2) == 0;
        try
        {
            while (true)
            {
                GetOne(queue, withoutThread);
            }
        }
        catch (QueueCompletedException)
        {
            Write(Act.Completed);
        }
    }

    private void GetOne(IpcQueue<ChaosItem> queue, bool withoutThread)
    {
        var timeout = TimeSpan.FromMilliseconds(Random.Next(TimeoutMsMax));
        Tide.WaitWhileHigh();
        Write(Act.Getting, (long)timeout.TotalMicroseconds);
        CallStarts();
        var (found, item) = withoutThread ? queue.TryGetAsync(timeout).AsTask().GetAwaiter().GetResult()
            : queue.TryGet(out var got, timeout) ? new TryGetResult<ChaosItem>(true, got)
            : default;
        var took = CallTook();
        if (found)
        {
            Write(Act.Got, item!, took);
        }
        else
        {
            Write(Act.Empty, took);
        }
    }
}
