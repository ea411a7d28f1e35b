using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>A process that dies in the middle of a put harms nobody.</summary>
public sealed class DeathWhilePuttingTests(ITestOutputHelper output)
{
    private const int Trials = 100;
    private const int ItemBytes = 200_000;
    private const int Rounds = 300;
    /// <summary>Of this, every item is another part.</summary>
    private static readonly byte[] Noise = MakeNoise(2 * ItemBytes);

    private static readonly TimeSpan GetTimeout = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LatenessMax = TimeSpan.FromSeconds(1);

    public sealed record Slowest(long Rounds, double Milliseconds);

    [Fact]
    public void Case24_ChildKilledAtRandomMomentsOfLargePuts_NothingIsCorruptOrLateAndSurvivorsKeepTheirPace()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var workers = new Workforce();
        using var queue = IpcQueue.Create<byte[]>(new QueueOptions { Capacity = 8 });
        using var pace = IpcQueue.Create<int>();
        using var slowest = IpcQueue.Create<Slowest>();
        using var idle = IpcQueue.Create<int>();
        workers.Add(WorkerProcess.Start(KeepPace, pace, idle, slowest));
        Eventually.True(() => pace.GetInfo().TotalPut > Rounds);
        var before = TimeOfRounds(pace);
        using var consumer = new Consumer(queue);

        var next = workers.Add(WorkerProcess.Start(PutWithoutEnd, queue, 0));
        for (var trial = 0; trial < Trials; trial++)
        {
            // The next one starts meanwhile: its puts begin before this one is dead, or after.
            var victim = next;
            next = trial + 1 < Trials ? workers.Add(WorkerProcess.Start(PutWithoutEnd, queue, trial + 1)) : next;
            consumer.WaitForItems(trial, random.Next(1, 20));
            Spin.For(TimeSpan.FromMicroseconds(random.Next(2000)));
            victim.Kill();
            Assert.True(victim.WaitForExit(Times.Long));
        }

        // What is whole is there and stays; what is not never appears.
        Eventually.True(() => queue.GetInfo() is { WaitingPuts: 0, Ready: 0, Leased: 0 });
        consumer.Stop();
        var after = before;
        Eventually.True(() => (after = TimeOfRounds(pace)) < before * 10);
        pace.Complete();
        var survivor = slowest.Get(Times.Long);
        output.WriteLine($"{consumer.Items} items; {Rounds} rounds took {before.TotalMilliseconds:0} ms before and {after.TotalMilliseconds:0} ms after; the slowest of {survivor.Rounds} took {survivor.Milliseconds:0} ms");
        Assert.Null(consumer.Fault);
        Assert.InRange(consumer.Latest, TimeSpan.Zero, LatenessMax);
        Assert.InRange(survivor.Milliseconds, 0, LatenessMax.TotalMilliseconds);
    }

    private static void PutWithoutEnd(IpcQueue<byte[]> queue, int trial)
    {
        for (var index = 0; ; index++)
        {
            queue.Put(Item(trial, index));
        }
    }

    /// <summary>A round is a put, its get, and a millisecond of waiting for nothing.</summary>
    private static void KeepPace(IpcQueue<int> pace, IpcQueue<int> idle, IpcQueue<Slowest> slowest)
    {
        using var waits = new PlainWaits();
        var longest = TimeSpan.Zero;
        var rounds = 0L;
        try
        {
            while (true)
            {
                var start = Stopwatch.GetTimestamp();
                pace.Put(1);
                pace.Get();
                idle.TryGet(out _, TimeSpan.FromMilliseconds(1));
                var took = Stopwatch.GetElapsedTime(start);

                // The first rounds wait for the compiler, not for the broker.
                longest = rounds++ >= Rounds && took > longest && waits.Beyond(took) is var beyond && beyond > longest ? beyond : longest;
            }
        }
        catch (QueueCompletedException)
        {
            slowest.Put(new Slowest(rounds, longest.TotalMilliseconds));
        }
    }

    private static TimeSpan TimeOfRounds(IpcQueue<int> pace)
    {
        var (start, first) = (Stopwatch.GetTimestamp(), pace.GetInfo().TotalPut);
        Eventually.True(() => pace.GetInfo().TotalPut >= first + Rounds);
        return Stopwatch.GetElapsedTime(start);
    }

    private static byte[] Item(int trial, int index)
    {
        var item = Noise.AsSpan(((trial * 100_003) + (index * 7919)) % ItemBytes, ItemBytes).ToArray();
        BitConverter.TryWriteBytes(item, trial);
        BitConverter.TryWriteBytes(item.AsSpan(sizeof(int)), index);
        return item;
    }

    private static byte[] MakeNoise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        return noise;
    }

    /// <summary>Takes all items on a thread of its own, looks at each, and at the time that each Get took.</summary>
    private sealed class Consumer : IDisposable
    {
        private readonly object _lock = new();
        private readonly int[] _itemsOf = new int[Trials];
        private readonly IpcQueue<byte[]> _queue;
        private readonly PlainWaits _waits = new();
        private readonly Thread _thread;
        private volatile bool _stop;

        public Consumer(IpcQueue<byte[]> queue)
        {
            _queue = queue;
            _thread = new Thread(Run);
            _thread.Start();
        }

        public string? Fault { get; private set; }

        /// <summary>By how much a Get was late, beyond what the machine is to blame for.</summary>
        public TimeSpan Latest { get; private set; }

        public int Items => _itemsOf.Sum();

        public void WaitForItems(int trial, int items)
        {
            lock (_lock)
            {
                while (_itemsOf[trial] < items)
                {
                    Assert.Null(Fault);
                    Assert.True(Monitor.Wait(_lock, Times.Long), $"trial {trial}: nothing came");
                }
            }
        }

        public void Stop()
        {
            _stop = true;
            _thread.Join();
        }

        public void Dispose()
        {
            Stop();
            _waits.Dispose();
        }

        private void Run()
        {
            while (!_stop && Fault is null)
            {
                var start = Stopwatch.GetTimestamp();
                var found = _queue.TryGet(out var item, GetTimeout);
                var late = Stopwatch.GetElapsedTime(start) - GetTimeout;
                Latest = late > Latest && _waits.Beyond(late) is var beyond && beyond > Latest ? beyond : Latest;
                if (found)
                {
                    lock (_lock)
                    {
                        Check(item!);
                        Monitor.PulseAll(_lock);
                    }
                }
            }
        }

        private void Check(byte[] item)
        {
            var (trial, index) = item.Length == ItemBytes ? (BitConverter.ToInt32(item), BitConverter.ToInt32(item, sizeof(int))) : (-1, -1);
            if ((uint)trial >= Trials || !item.AsSpan().SequenceEqual(Item(trial, index)))
            {
                Fault = $"a corrupt item of {item.Length} bytes";
            }
            else if (index != _itemsOf[trial])
            {
                Fault = $"trial {trial}: item {index} where {_itemsOf[trial]} is due";
            }
            else
            {
                _itemsOf[trial]++;
            }
        }
    }
}
