namespace QueueIpc.Core;

/// <summary>Memory that several queues share.</summary>
internal interface IStorageBudget
{
    /// <summary>Takes so many bytes, or refuses and takes nothing.</summary>
    bool TryTake(long bytes);

    void GiveBack(long bytes);

    /// <summary>Whether more than half of it is used: then nothing should be in memory that is on a disk as well.</summary>
    bool IsScarce { get; }

    /// <summary>Counts what is there already, whether it may be or not.</summary>
    void Take(long bytes);
}
