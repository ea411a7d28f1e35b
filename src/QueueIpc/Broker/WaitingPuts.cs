using QueueIpc.Core;

namespace QueueIpc.Broker;

/// <summary>How many bytes the waiting puts of one connection have. Its queues tell it, each under its own lock.</summary>
internal sealed class WaitingPuts : IWaitingPuts
{
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public void Began(int bytes) => Interlocked.Add(ref _bytes, bytes);

    public void Ended(int bytes) => Interlocked.Add(ref _bytes, -bytes);
}
