using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Acceptance;

/// <summary>Order and fairness between processes.</summary>
public sealed class OrderTests
{
    [Fact]
    public void Case10_OneProducerAndOneConsumer_HundredThousandItems_ExactOrder()
    {
        const int N = 100_000;
        using var queue = IpcQueue.Create<int>();
        using var verdict = IpcQueue.Create<string>();
        using var producer = WorkerProcess.Start(PutOneByOne, queue, N);
        using var consumer = WorkerProcess.Start(CheckOrder, queue, N, verdict);

        string? said;
        for (var taken = -1L; !verdict.TryGet(out said, Times.Long);)
        {
            var now = queue.GetInfo().TotalTaken;
            Assert.True(now > taken, $"{Times.Long.TotalSeconds} s long none was taken; {now} were before");
            taken = now;
        }

        Assert.Equal("in order", said);
        Assert.True(producer.WaitForExit(Times.Long) && consumer.WaitForExit(Times.Long));
        Assert.Equal((0, (long)N), (queue.Count, queue.GetInfo().TotalTaken));
    }

    [Fact]
    public void Case10_EightProducerProcesses_EachInOrderWithoutLossOrDuplicate()
    {
        const int Producers = 8;
        const int Each = 10_000;
        using var queue = IpcQueue.Create<(int Producer, int Number)>();
        using var start = IpcQueue.Create<int>();
        var producers = Enumerable.Range(0, Producers).Select(who => WorkerProcess.Start(PutNumbered, queue, start, who, Each)).ToArray();
        Eventually.True(() => start.GetInfo().WaitingGets == Producers);

        start.Complete();

        var next = new int[Producers];
        for (var i = 0; i < Producers * Each; i++)
        {
            var (producer, number) = queue.Get(Times.Long);
            Assert.Equal(next[producer]++, number);
        }

        Assert.All(producers, producer => Assert.True(producer.WaitForExit(Times.Long)));
        Assert.Equal(0, queue.Count);
        Dispose(producers);
    }

    [Fact]
    public void Case11_Put_LargeItemHasReturnedBeforeASmallOneFromAnotherProcess_ComesFirst()
    {
        const int Rounds = 1000;
        using var queue = IpcQueue.Create<byte[]>();
        using var turns = IpcQueue.Create<int>();
        using var largeTurns = IpcQueue.Create<int>();
        using var smallTurns = IpcQueue.Create<int>();
        using var large = WorkerProcess.Start(PutInTurn, queue, largeTurns, smallTurns, 50_000);
        using var small = WorkerProcess.Start(PutInTurn, queue, smallTurns, turns, 10);

        for (var i = 0; i < Rounds; i++)
        {
            largeTurns.Put(i);
            Assert.Equal(50_000, queue.Get(Times.Long).Length);
            Assert.Equal(10, queue.Get(Times.Long).Length);
            Assert.Equal(i, turns.Get(Times.Long));
        }

        largeTurns.Complete();
        smallTurns.Complete();
        Assert.True(large.WaitForExit(Times.Long) && small.WaitForExit(Times.Long));
    }

    [Fact]
    public void Case13_TryGet_FourProcessesOnTwentyThousandItems_NotOneFalseWhileThereAreSome()
    {
        const int N = 20_000;
        using var queue = IpcQueue.Create<int>();
        using var start = IpcQueue.Create<int>();
        using var reports = IpcQueue.Create<(int Taken, int WronglyEmpty)>();
        queue.PutMany(Enumerable.Range(0, N));
        var workers = Enumerable.Range(0, 4).Select(_ => WorkerProcess.Start(TakeAll, queue, start, reports)).ToArray();
        Eventually.True(() => start.GetInfo().WaitingGets == 4);

        start.Complete();

        var results = workers.Select(_ => reports.Get(Times.Long)).ToArray();
        Assert.Equal(N, results.Sum(result => result.Taken));
        Assert.Equal(0, results.Sum(result => result.WronglyEmpty));
        Assert.All(workers, worker => Assert.True(worker.WaitForExit(Times.Long)));
        Dispose(workers);
    }

    [Fact]
    public void Case14_Get_BlockedInSeveralProcesses_ServedInOrderOfArrival()
    {
        const int N = 5;
        using var queue = IpcQueue.Create<int>();
        using var got = IpcQueue.Create<(int Who, int Item)>();
        var workers = new WorkerProcess[N];
        for (var i = 0; i < N; i++)
        {
            workers[i] = WorkerProcess.Start(GetOne, queue, got, i);
            Eventually.True(() => queue.GetInfo().WaitingGets == i + 1);
        }

        queue.PutMany(Enumerable.Range(0, N));

        var pairs = Enumerable.Range(0, N).Select(_ => got.Get(Times.Long)).Order();
        Assert.Equal(Enumerable.Range(0, N).Select(i => (i, i)), pairs);
        Assert.All(workers, worker => Assert.True(worker.WaitForExit(Times.Long)));
        Dispose(workers);
    }

    [Fact]
    public void Case14_Put_BlockedInSeveralProcesses_ServedInOrderOfArrival()
    {
        const int N = 5;
        using var queue = IpcQueue.Create<int>(new QueueOptions { Capacity = 1 });
        queue.Put(-1);
        var workers = new WorkerProcess[N];
        for (var i = 0; i < N; i++)
        {
            workers[i] = WorkerProcess.Start(PutOne, queue, i);
            Eventually.True(() => queue.GetInfo().WaitingPuts == i + 1);
        }

        var got = Enumerable.Range(0, N + 1).Select(_ => queue.Get(Times.Long)).ToArray();

        Assert.Equal(Enumerable.Range(-1, N + 1), got);
        Assert.All(workers, worker => Assert.True(worker.WaitForExit(Times.Long)));
        Dispose(workers);
    }

    private static void Dispose(WorkerProcess[] workers) => Array.ForEach(workers, worker => worker.Dispose());

    private static void PutOneByOne(IpcQueue<int> queue, int count)
    {
        for (var i = 0; i < count; i++)
        {
            queue.Put(i);
        }
    }

    private static void CheckOrder(IpcQueue<int> queue, int count, IpcQueue<string> verdict)
    {
        for (var i = 0; i < count; i++)
        {
            if (queue.Get() is var item && item != i)
            {
                verdict.Put($"{item} came instead of {i}");
                return;
            }
        }

        verdict.Put("in order");
    }

    private static void PutNumbered(IpcQueue<(int Producer, int Number)> queue, IpcQueue<int> start, int who, int count)
    {
        WaitFor(start);
        for (var i = 0; i < count; i++)
        {
            queue.Put((who, i));
        }
    }

    private static void PutInTurn(IpcQueue<byte[]> queue, IpcQueue<int> myTurn, IpcQueue<int> nextTurn, int bytes)
    {
        foreach (var turn in myTurn.GetConsumingEnumerable())
        {
            queue.Put(new byte[bytes]);
            nextTurn.Put(turn);
        }
    }

    private static void TakeAll(IpcQueue<int> queue, IpcQueue<int> start, IpcQueue<(int Taken, int WronglyEmpty)> reports)
    {
        WaitFor(start);
        var (taken, wrong) = (0, 0);
        while (true)
        {
            if (queue.TryGet(out _))
            {
                taken++;
                continue;
            }

            // Nobody puts any more, so the count at the false answer was no smaller than it is now.
            var count = queue.Count;
            if (count == 0)
            {
                break;
            }

            wrong += count > 4 ? 1 : 0;
        }

        reports.Put((taken, wrong));
    }

    private static void GetOne(IpcQueue<int> queue, IpcQueue<(int Who, int Item)> got, int who) => got.Put((who, queue.Get()));

    private static void PutOne(IpcQueue<int> queue, int item) => queue.Put(item);

    private static void WaitFor(IpcQueue<int> start)
    {
        foreach (var _ in start.GetConsumingEnumerable())
        {
            // Nothing is ever put: its completion is the signal.
        }
    }
}
