using QueueIpc.Chaos.Ledger;

namespace QueueIpc.Chaos.Roles;

/// <summary>Reads ahead with ReadAllAsync, leaves in the middle now and then, and begins anew.</summary>
internal sealed class Streamer(Orders orders) : Role(orders)
{
    private const int ItemsMax = 3000;

    public static void Run(Orders orders)
    {
        using var role = new Streamer(orders);
        role.Run();
    }

    protected override void Work(QueueClient client)
    {
        using var queue = client.OpenQueue<ChaosItem>(Queues.Names[Orders.Queue], Queues.Options);
        while (!ReadSomeAsync(queue, Random.Next(1, ItemsMax)).GetAwaiter().GetResult())
        {
            Begin();
        }

        Write(Act.Completed);
    }

    /// <summary>Whether there is nothing more to read.</summary>
    private async Task<bool> ReadSomeAsync(IpcQueue<ChaosItem> queue, int count)
    {
        // A call that is cut ends at once; from the last item on, that is.
        await foreach (var item in queue.ReadAllAsync().ConfigureAwait(false))
        {
            Write(Act.Got, item);
            if (--count == 0)
            {
                Write(Act.Leaving);
                return false;
            }
        }

        return true;
    }
}
