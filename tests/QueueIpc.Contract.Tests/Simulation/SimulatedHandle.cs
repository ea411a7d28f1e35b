using QueueIpc.Client;
using QueueIpc.Serialization;

namespace QueueIpc.Tests.Simulation;

/// <summary>A queue as one client has it open.</summary>
internal sealed class SimulatedHandle(ClientQueue inner)
{
    public ClientQueue Inner => inner;

    public IpcQueue<SimulatedItem> Queue { get; } = new(inner, SimulatedItem.Serializer.Instance);

    public bool IsDisposed { get; private set; }

    /// <summary>Whether a lease ends with its connection only. Then nobody else can have its item before.</summary>
    public bool LeasesLast => inner.LeaseMicros == 0;

    public void Dispose()
    {
        IsDisposed = true;
        Queue.Dispose();
    }
}

/// <summary>A lease that a caller has, or had.</summary>
internal sealed class SimulatedLease(SimulatedHandle handle, QueueLease<SimulatedItem> lease)
{
    public SimulatedHandle Handle => handle;

    public QueueLease<SimulatedItem> Lease => lease;

    /// <summary>Whether its caller has said what became of the item.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Whether he wanted it to go back, or to the dead, from where it can come back as well.</summary>
    public bool IsGivenBack { get; set; }
}

/// <summary>A reader that a caller has.</summary>
internal sealed class SimulatedReader(SimulatedHandle handle, bool lease)
{
    public SimulatedHandle Handle => handle;

    public bool IsLease => lease;

    public ItemStream<SimulatedItem> Stream { get; } = new(handle.Inner, new ItemCodec<SimulatedItem>(SimulatedItem.Serializer.Instance), lease);

    /// <summary>How much of what the broker has sent on the connection lies before the item that was handed over last.</summary>
    public int Position { get; set; }
}
