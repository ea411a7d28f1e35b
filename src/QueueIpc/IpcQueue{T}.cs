using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

// This file has the handle itself; the others have what it does: Put, Get, Lease, Read, Administration.

/// <summary>
/// A first-in-first-out queue that processes share. All members may be called from any thread, and in any process that has a handle.
/// </summary>
/// <remarks>
/// Every member that asks the broker throws <see cref="BrokerUnavailableException"/> when the broker is gone or does not answer, <see cref="ObjectDisposedException"/>
/// when this handle or its connection is disposed, before or during the call, and <see cref="InvalidOperationException"/> when the broker refuses more calls that wait,
/// or more held items, of one connection. One that says "like" another throws what that one throws. A token that is cancelled ends the call with
/// <see cref="OperationCanceledException"/>.
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed partial class IpcQueue<T> : IQueueHandle, IDisposable
{
    private readonly ClientQueue _queue;
    private readonly ItemCodec<T> _codec;

    internal IpcQueue(ClientQueue queue, IQueueSerializer serializer) => (_queue, _codec) = (queue, new ItemCodec<T>(serializer));

    /// <summary>The queue's name. One that was created unnamed has a unique one that begins with "~".</summary>
    public string Name => _queue.Name;

    /// <summary>Where the queue's broker is: with this and <see cref="Name"/> any process of the same user can <see cref="IpcQueue.Open{T}(string, string, QueueOptions)">open</see> the queue.</summary>
    public string Endpoint => _queue.Connection.Endpoint;

    /// <summary>How many items may wait in the queue; 0 means any number.</summary>
    public int Capacity => GetInfo().Capacity;

    /// <summary>After how many failures an item is dead; 0 means never.</summary>
    public int MaxFailures => _queue.MaxFailures;

    /// <summary>
    /// Closes this handle, and no other; calls that are under way on it end with <see cref="ObjectDisposedException"/>. The queue lives on,
    /// unless this is the handle that created it unnamed. Leases got through this handle stay good.
    /// </summary>
    public void Dispose()
    {
        DisposeReader();
        _queue.Dispose();
    }

    /// <summary>The queue's options as they were when this handle was opened.</summary>
    internal QueueOptions Options => new()
    {
        Capacity = _queue.Capacity,
        MaxBytes = _queue.MaxBytes,
        LeaseTime = _queue.LeaseMicros == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMicroseconds(_queue.LeaseMicros),
        MaxFailures = _queue.MaxFailures,
    };

    IQueueHandle IQueueHandle.Open(ClientQueue queue, IQueueSerializer serializer) => new IpcQueue<T>(queue, serializer);

    /// <summary>Sends a request that is answered at once, and waits for the answer.</summary>
    private PendingCall Prompt(Op op)
    {
        var call = _queue.BeginPrompt(op);
        _queue.Connection.Flush();
        return Finish(call, op.ToString());
    }

    private PendingCall Finish(PendingCall call, string what)
    {
        call.Wait(CancellationToken.None);
        try
        {
            _queue.ThrowUnlessAnswered(call, what);
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }
}
