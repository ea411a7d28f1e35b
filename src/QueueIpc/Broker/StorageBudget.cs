using QueueIpc.Core;

namespace QueueIpc.Broker;

/// <summary>The memory that all queues of a broker share. Whoever was refused is told when some comes free.</summary>
internal sealed class StorageBudget(long bytesMax, Action freed) : IStorageBudget
{
    private long _used;
    private int _refused;

    public bool TryTake(long bytes)
    {
        for (var used = Volatile.Read(ref _used); ;)
        {
            var seen = used;
            if (used + bytes <= bytesMax)
            {
                seen = Interlocked.CompareExchange(ref _used, used + bytes, used);
                if (seen == used)
                {
                    return true;
                }
            }
            else
            {
                // Whoever gave back before this did not know of the refusal: what he gave may be enough.
                Interlocked.Exchange(ref _refused, 1);
                seen = Interlocked.Read(ref _used);
                if (seen + bytes > bytesMax)
                {
                    return false;
                }
            }

            used = seen;
        }
    }

    public bool IsScarce => Volatile.Read(ref _used) > bytesMax / 2;

    public void Take(long bytes) => Interlocked.Add(ref _used, bytes);

    public void GiveBack(long bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        if (Volatile.Read(ref _refused) == 1 && Interlocked.Exchange(ref _refused, 0) == 1)
        {
            freed();
        }
    }
}
