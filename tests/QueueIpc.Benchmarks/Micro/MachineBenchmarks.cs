using BenchmarkDotNet.Attributes;
using QueueIpc.Core;

namespace QueueIpc.Benchmarks;

/// <summary>The machine alone: a batch put, and taken by a subscription or leased and acked.</summary>
[MemoryDiagnoser]
public class MachineBenchmarks
{
    private const int Batch = 800;

    private readonly QueueMachine _machine = new(new QueueSettings(), new Unlimited());
    private readonly byte[] _packed = new byte[Batch * (sizeof(int) + 64)];
    private Attachment _producer = null!;
    private Attachment _consumer = null!;
    private ulong _request;
    private ulong _confirmed;

    [GlobalSetup]
    public void SetUp()
    {
        for (var i = 0; i < Batch; i++)
        {
            _packed[i * 68] = 64;
        }

        _producer = _machine.Attach();
        _consumer = _machine.Attach();
        _machine.Subscribe(_consumer, 1, lease: false, Batch * 2, long.MaxValue, now: 0);
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int PutAndTakeByWindow()
    {
        _machine.Put(_producer, ++_request, new ItemBatch(_packed, 0, Batch, _packed.Length), Timed.Never, now: 1);
        var effects = _machine.Effects.Count;
        _machine.ClearEffects();
        _confirmed += Batch;
        _machine.Advance(_consumer, 1, _confirmed, Batch * 2, now: 2);
        _machine.ClearEffects();
        return effects;
    }

    private sealed class Unlimited : IStorageBudget
    {
        public bool TryTake(long bytes) => true;

        public void GiveBack(long bytes)
        {
            // There is always more.
        }
    }
}
