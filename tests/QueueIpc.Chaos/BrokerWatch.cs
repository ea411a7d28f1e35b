using System.Diagnostics;

namespace QueueIpc.Chaos;

/// <summary>The broker process at one moment.</summary>
/// <param name="Seconds">Since the start.</param>
/// <param name="MemoryMegabytes">Resident.</param>
/// <param name="Handles">Open files, pipes and the like.</param>
/// <param name="Threads">All of them.</param>
/// <param name="Items">Accepted by the broker until then.</param>
internal sealed record BrokerSample(int Seconds, double MemoryMegabytes, int Handles, int Threads, long Items);

/// <summary>Looks at the broker process from time to time.</summary>
internal sealed class BrokerWatch(QueueBroker broker, IReadOnlyList<IpcQueue<ChaosItem>> queues, long everyMicros) : IDisposable
{
    private readonly Process _process = Process.GetProcessById(broker.ProcessId);
    private readonly long _start = Clock.Now;
    private readonly List<BrokerSample> _samples = [];

    public IReadOnlyList<BrokerSample> Samples => _samples;

    public long NextAt { get; private set; } = Clock.Now + everyMicros;

    public BrokerSample Look()
    {
        NextAt += everyMicros;
        _process.Refresh();
        var sample = new BrokerSample(
            (int)((Clock.Now - _start) / 1_000_000),
            Math.Round(_process.WorkingSet64 / 1e6, 1),
            _process.HandleCount,
            _process.Threads.Count,
            CountItems());
        _samples.Add(sample);
        return sample;
    }

    public long CountItems() => queues.Sum(queue => queue.GetInfo().TotalPut);

    public void Dispose() => _process.Dispose();
}
