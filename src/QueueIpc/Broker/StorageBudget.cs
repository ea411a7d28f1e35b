using QueueIpc.Core;

namespace QueueIpc.Broker;

/// <summary>The memory that all queues of a broker share. Whoever was refused is told when some comes free.</summary>
internal sealed class StorageBudget(long bytesMax, Action freed) : IStorageBudget
{
    private long _used;
    private int _refused;

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= bytesMax)
        {
            return true;
        }

        Interlocked.Exchange(ref _refused, 1);
        GiveBack(bytes);
        return false;
    }

    public void GiveBack(long bytes)
    {
        var used = Interlocked.Add(ref _used, -bytes);
        if (Volatile.Read(ref _refused) == 1 && used < bytesMax && Interlocked.Exchange(ref _refused, 0) == 1)
        {
            freed();
        }
    }
}
