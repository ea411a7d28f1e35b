namespace QueueIpc.Core;

/// <summary>Memory that several queues share.</summary>
internal interface IStorageBudget
{
    /// <summary>Takes so many bytes, or refuses and takes nothing.</summary>
    bool TryTake(long bytes);

    void GiveBack(long bytes);

    /// <summary>Counts what is there already, whether it may be or not.</summary>
    void Take(long bytes);
}
