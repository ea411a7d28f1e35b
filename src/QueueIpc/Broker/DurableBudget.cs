using QueueIpc.Core;

namespace QueueIpc.Broker;

/// <summary>Memory for items that need a place on the disk as well: while there is none, puts wait as they do for memory.</summary>
internal sealed class DurableBudget(IStorageBudget memory, IQueueStore store) : IStorageBudget
{
    public bool TryTake(long bytes) => store.HasRoom && memory.TryTake(bytes);

    public bool IsScarce => memory.IsScarce;

    public void Take(long bytes) => memory.Take(bytes);

    public void GiveBack(long bytes) => memory.GiveBack(bytes);
}
