using CsCheck;

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
    public void Peek_SeveralItems_ShowsTheFirstAndKeepsIt()
    {
        var fifo = new ItemFifo();
        Fill(fifo, first: 7, count: 2);

        var first = fifo.Peek();

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
                        fifo.Enqueue(NewItem(++sequence));
                        queue.Enqueue(sequence);
                    }

                    for (var i = 0; i > swing && queue.Count > 0; i--)
                    {
                        Assert.Equal(queue.Peek(), fifo.Peek().Sequence);
                        Assert.Equal(queue.Dequeue(), fifo.Dequeue().Sequence);
                    }

                    Assert.Equal(queue.Count, fifo.Count);
                }
            },
            iter: 200);

    // Not inlined, so that nothing on the stack keeps the buffer.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference EnqueueAndDequeueOne(ItemFifo fifo)
    {
        var buffer = new byte[10];
        fifo.Enqueue(new Item(buffer, 0, 10, sequence: 1, putAt: 0, failures: 0));
        fifo.Dequeue();
        return new WeakReference(buffer);
    }

    private static void Fill(ItemFifo fifo, long first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            fifo.Enqueue(NewItem(first + i));
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

    private static Item NewItem(long sequence) => new([], 0, 0, sequence, putAt: 0, failures: 0);
}
