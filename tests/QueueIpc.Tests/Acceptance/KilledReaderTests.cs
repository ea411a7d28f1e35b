using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Acceptance;

/// <summary>A process that dies while it reads ahead.</summary>
public sealed class KilledReaderTests
{
    private const int N = 5000;

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void Case48_ReadAllAsync_KilledInTheMiddle_TheNextReaderGetsTheRestInOrder(int killAfter)
    {
        using var queue = IpcQueue.Create<int>();
        using var handled = IpcQueue.Create<int>();
        using var gate = IpcQueue.Create<int>(new QueueOptions { Capacity = 1 });
        queue.PutMany(Enumerable.Range(0, N));
        queue.Complete();
        using var child = WorkerProcess.Start(ReadUntilTheGate, queue, handled, gate, killAfter);
        Eventually.True(() => gate.GetInfo().WaitingGets == 1);

        // While the child is busy with its last item, what it was handed is confirmed.
        Eventually.True(() => queue.GetInfo().TotalTaken == killAfter);
        child.Kill();
        child.WaitForExit();
        UntilTheBrokerKnows(queue);
        var rest = queue.GetConsumingEnumerable().ToArray();

        Assert.Equal(Enumerable.Range(0, killAfter), handled.GetMany(N, TimeSpan.Zero));
        Assert.Equal(Enumerable.Range(killAfter, N - killAfter), rest);
    }

    [Fact]
    public void Case48_ReadAllAsync_KilledAtAnyMoment_NothingIsLostAndOrderIsKept()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var trial = 0; trial < 5; trial++)
        {
            using var queue = IpcQueue.Create<int>();
            using var handled = IpcQueue.Create<int>();
            queue.PutMany(Enumerable.Range(0, N));
            queue.Complete();
            using var child = WorkerProcess.Start(ReadAll, queue, handled);
            var killAfter = random.Next(N);
            Eventually.True(() => handled.Count >= killAfter);

            child.Kill();
            child.WaitForExit();
            UntilTheBrokerKnows(queue);
            var rest = queue.GetConsumingEnumerable().ToArray();

            var first = handled.GetMany(N, TimeSpan.Zero);
            Assert.Equal(Enumerable.Range(0, first.Count), first);
            Assert.Equal(Enumerable.Range(N - rest.Length, rest.Length), rest);

            // What was handed over in the last moment may come again. The item that is in the child's hands when it dies may be the child's alone.
            Assert.InRange(rest.Length, N - first.Count - 1, N);
        }
    }

    /// <summary>The end of the connection and the end of the process are seen by two; who reads in between gets what the dead one did not hold.</summary>
    private static void UntilTheBrokerKnows(IpcQueue<int> queue) => Eventually.True(() => queue.GetInfo().Leased == 0);

    private static async Task ReadUntilTheGate(IpcQueue<int> queue, IpcQueue<int> handled, IpcQueue<int> gate, int count)
    {
        await foreach (var item in queue.ReadAllAsync())
        {
            handled.Put(item);
            if (--count == 0)
            {
                gate.Get();
            }
        }
    }

    private static async Task ReadAll(IpcQueue<int> queue, IpcQueue<int> handled)
    {
        await foreach (var item in queue.ReadAllAsync())
        {
            handled.Put(item);
        }
    }
}
