using BenchmarkDotNet.Attributes;
using QueueIpc.Core;

namespace QueueIpc.Benchmarks;

/// <summary>The machine alone: a batch put, and taken by a subscription or leased and acked.</summary>
[MemoryDiagnoser]
public class MachineBenchmarks
{
    private const int Batch = 800;

    private readonly QueueMachine _machine = new(new QueueSettings(), new Unlimited());
    private readonly QueueMachine _leased = new(new QueueSettings(), new Unlimited());
    private readonly ulong[] _tokens = new ulong[Batch];
    private readonly byte[] _packed = new byte[Batch * (sizeof(int) + 64)];
    private Attachment _producer = null!;
    private Attachment _consumer = null!;
    private Attachment _worker = null!;
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
        _worker = _leased.Attach();
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

    [Benchmark(OperationsPerInvoke = Batch)]
    public int PutLeaseAndAck()
    {
        _leased.Put(_worker, ++_request, new ItemBatch(_packed, 0, Batch, _packed.Length), Timed.Never, now: 1);
        _leased.ClearEffects();
        _leased.Get(_worker, ++_request, lease: true, Batch, deadline: 0, now: 2);
        for (var i = 0; i < Batch; i++)
        {
            _tokens[i] = _leased.Effects[i].Token;
        }

        _leased.ClearEffects();
        foreach (var token in _tokens)
        {
            _leased.Ack(_worker, token, now: 3);
        }

        _leased.ClearEffects();
        return Batch;
    }

    private sealed class Unlimited : IStorageBudget
    {
        public void Take(long bytes)
        {
            // Any number is fine.
        }

        public bool IsScarce => false;

        public bool TryTake(long bytes) => true;

        public void GiveBack(long bytes)
        {
            // There is always more.
        }
    }
}
