using QueueIpc.Client;
using QueueIpc.Protocol;
using QueueIpc.Serialization;

namespace QueueIpc;

// Puts whose caller does not wait for the broker's word.
public sealed partial class IpcQueue<T>
{
    /// <summary>What tells the time to whoever uses this queue.</summary>
    internal IClock Clock => _queue.Connection.Clock;

    /// <summary>How large an item may be.</summary>
    internal int MaxItemBytes => _queue.Connection.MaxItemBytes;

    /// <summary>Puts an item. When this returns it is written; <see cref="FlushThrough"/> sends it. The broker's answer goes to <paramref name="receipts"/>.</summary>
    internal void Write(T item, Receipts receipts)
    {
        var scratch = Scratch.Rent();
        try
        {
            Pack(scratch, item, note: null);
            receipts.Expect();
            if (!_queue.Connection.TryBegin(receipts, out var id))
            {
                receipts.OnLost();
                return;
            }

            lock (_queue.Connection.SyncRoot)
            {
                var to = _queue.Connection.Out;
                to.BeginFrame(Op.Put, _queue.Id, id);
                to.Int64(ProtocolLimits.Forever);
                to.Int32(1);
                to.Copy(scratch.Written);
                to.EndFrame();
            }
        }
        finally
        {
            Scratch.Return(scratch);
        }
    }

    /// <summary>Returns when all that was written has left this process.</summary>
    internal void FlushThrough() => _queue.Connection.FlushThrough();
}
