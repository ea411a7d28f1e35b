namespace QueueIpc.Core.Tests.Support;

/// <summary>Memory that is shared with queues which the test does not have: it says how much they use.</summary>
internal sealed class Memory(long limit = long.MaxValue) : IStorageBudget
{
    public long Used { get; private set; }

    public long UsedByOthers { get; set; }

    public bool IsScarce { get; set; }

    public bool TryTake(long bytes)
    {
        if (Used + UsedByOthers + bytes > limit)
        {
            return false;
        }

        Used += bytes;
        return true;
    }

    public void Take(long bytes) => Used += bytes;

    public void GiveBack(long bytes)
    {
        Used -= bytes;
        Assert.True(Used >= 0, "More memory was given back than was taken");
    }
}
