using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Acceptance;

public abstract class ManyThreadsContract(QueueSource source) : QueueContract(source)
{
    private const int Producers = 50;
    private const int Consumers = 50;
    private const int Each = 400;
    private const int TheEnd = -1;

    [Fact]
    public void Case12_FiftyProducersAndFiftyConsumers_MixingCalls_MultisetsAreEqual()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        using var queue = Create<int>(new QueueOptions { Capacity = 64 });
        var handles = Enumerable.Range(0, 10).Select(_ => Another(queue)).ToArray();
        var producers = Enumerable.Range(0, Producers).Select(who => OnThread(() => Produce(handles[who % handles.Length], who, new Random(seed + who)))).ToArray();
        var consumers = Enumerable.Range(0, Consumers).Select(who => OnThread(() => Consume(handles[who % handles.Length], new Random(seed - who - 1)))).ToArray();

        Within(Task.WhenAll(producers));
        queue.PutMany(Enumerable.Repeat(TheEnd, Consumers));
        var got = Within(Task.WhenAll(consumers)).SelectMany(items => items).Order().ToArray();

        Assert.Equal(Enumerable.Range(0, Producers * Each), got);
        Assert.Equal(0, queue.Count);
        Assert.Equal((0, 0), (queue.GetInfo().WaitingGets, queue.GetInfo().WaitingPuts));
        Eventually.True(() => queue.GetInfo().Leased == 0);
    }

    private static void Produce(IpcQueue<int> queue, int who, Random random)
    {
        for (var item = who * Each; item < (who + 1) * Each; item++)
        {
            switch (random.Next(3))
            {
                case 0:
                    queue.Put(item);
                    break;
                case 1:
                    Until(() => queue.TryPut(item));
                    break;
                default:
                    Until(() => queue.TryPut(item, TimeSpan.FromMilliseconds(1)));
                    break;
            }
        }
    }

    private static List<int> Consume(IpcQueue<int> queue, Random random)
    {
        var got = new List<int>();
        while (true)
        {
            var item = TheEnd;
            switch (random.Next(3))
            {
                case 0:
                    item = queue.Get();
                    break;
                case 1:
                    Until(() => queue.TryGet(out item));
                    break;
                default:
                    Until(() => queue.TryGet(out item, TimeSpan.FromMilliseconds(1)));
                    break;
            }

            if (item == TheEnd)
            {
                return got;
            }

            got.Add(item);
        }
    }

    private static void Until(Func<bool> call)
    {
        while (!call())
        {
            Thread.Yield();
        }
    }
}

public sealed class ManyThreadsContractInProcess() : ManyThreadsContract(new InProcess());

public sealed class ManyThreadsContractOverPipe() : ManyThreadsContract(new OverPipe());
