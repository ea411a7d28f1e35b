using CsCheck;
using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

public sealed class ItemFifoTests
{
    /// <summary>More than the first chunk and the one after it hold.</summary>
    private const int SeveralChunks = 1500;

    [Fact]
    public void Dequeue_SeveralChunks_GivesThemInOrder()
    {
        var fifo = new ItemFifo();
        Fill(fifo, first: 1, SeveralChunks);

        var order = Drain(fifo);

        Assert.Equal(Enumerable.Range(1, SeveralChunks).Select(sequence => (long)sequence), order);
        Assert.Equal(0, fifo.Count);
    }

    [Fact]
    public void First_SeveralItems_ShowsItAndKeepsIt()
    {
        var fifo = new ItemFifo();
        Fill(fifo, first: 7, count: 2);

        var first = fifo.First;

        Assert.Equal((7, 2), (first.Sequence, fifo.Count));
    }

    [Fact]
    public void Enqueue_AfterItWasDrained_StartsAnew()
    {
        var fifo = new ItemFifo();
        Fill(fifo, first: 1, SeveralChunks);
        Drain(fifo);

        Fill(fifo, first: 1, count: 3);

        Assert.Equal([1, 2, 3], Drain(fifo));
    }

    [Fact]
    public void Dequeue_ItemOfItsOwnBuffer_LetsGoOfTheBuffer()
    {
        var fifo = new ItemFifo();
        var buffer = EnqueueAndDequeueOne(fifo);

        GC.Collect();

        Assert.False(buffer.IsAlive);
        Assert.Equal(0, fifo.Count);
    }

    [Fact]
    public void EnqueueAndDequeue_AnyOrder_DoesWhatAQueueDoes() =>
        Gen.Int[-700, 700].Array[0, 30].Sample(
            swings =>
            {
                var fifo = new ItemFifo();
                var queue = new Queue<long>();
                var sequence = 0L;
                foreach (var swing in swings)
                {
                    for (var i = 0; i < swing; i++)
                    {
                        fifo.Enqueue(Run(++sequence));
                        queue.Enqueue(sequence);
                    }

                    for (var i = 0; i > swing && queue.Count > 0; i--)
                    {
                        Assert.Equal(queue.Peek(), fifo.First.Sequence);
                        Assert.Equal(queue.Dequeue(), fifo.Dequeue().Sequence);
                    }

                    Assert.Equal(queue.Count, fifo.Count);
                }
            },
            iter: 200);

    [Fact]
    public void DequeueMany_RunLongerThanAsked_LeavesTheRestInOrder()
    {
        var fifo = new ItemFifo();
        fifo.Enqueue(Run(sequence: 1, count: 5));
        fifo.Enqueue(Run(sequence: 6, count: 2));

        var taken = fifo.Dequeue(countMax: 3, bytes: long.MaxValue);

        Assert.Equal((1, 3), (taken.First.Sequence, taken.Count));
        Assert.Equal([4, 5, 6, 7], Drain(fifo));
    }

    [Theory]
    [InlineData(0, 1)] // one in any case
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(30, 2)]
    [InlineData(31, 3)]
    [InlineData(61, 3)]
    public void DequeueMany_Bytes_TakesUpToTheItemThatReachesThem(long bytes, int expected)
    {
        var fifo = new ItemFifo();
        fifo.Enqueue(ItemRun.Accept(Batches.Of(new byte[10], new byte[20], new byte[30]), sequence: 1, putAt: 0));

        var taken = fifo.Dequeue(countMax: int.MaxValue, bytes);

        Assert.Equal((expected, 3 - expected), (taken.Count, fifo.Count));
    }

    [Fact]
    public void DequeueMany_NullItems_HaveNoBytes()
    {
        var fifo = new ItemFifo();
        fifo.Enqueue(ItemRun.Accept(Batches.Of(null, new byte[3], null), sequence: 1, putAt: 0));

        var taken = fifo.Dequeue(countMax: 2, bytes: 4);

        Assert.Equal((2, 3), (taken.Count, taken.StoredBytes));
        Assert.Equal(Item.NullLength, fifo.First.Length);
        Assert.Equal(3, fifo.First.Sequence);
    }

    // Not inlined, so that nothing on the stack keeps the buffer.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference EnqueueAndDequeueOne(ItemFifo fifo)
    {
        var buffer = new byte[ItemBatch.PrefixBytes];
        fifo.Enqueue(ItemRun.Accept(new ItemBatch(buffer, 0, 1, buffer.Length), sequence: 1, putAt: 0));
        fifo.Dequeue();
        return new WeakReference(buffer);
    }

    private static void Fill(ItemFifo fifo, long first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            fifo.Enqueue(Run(first + i));
        }
    }

    private static List<long> Drain(ItemFifo fifo)
    {
        var order = new List<long>();
        while (fifo.Count > 0)
        {
            order.Add(fifo.Dequeue().Sequence);
        }

        return order;
    }

    /// <summary>Empty items that were put together.</summary>
    private static ItemRun Run(long sequence, int count = 1) =>
        ItemRun.Accept(Batches.Of([.. Enumerable.Repeat(Array.Empty<byte>(), count)]), sequence, putAt: 0);
}
