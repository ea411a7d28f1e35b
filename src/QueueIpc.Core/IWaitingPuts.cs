namespace QueueIpc.Core;

/// <summary>What the waiting puts of one client keep in memory, on all queues together: the only thing that its attachments share.</summary>
internal interface IWaitingPuts
{
    void Began(int bytes);

    void Ended(int bytes);
}
