using CsCheck;

namespace QueueIpc.Core.Tests;

public sealed class DeadlineHeapTests
{
    [Fact]
    public void NextDeadline_Nothing_IsNever()
    {
        var heap = new DeadlineHeap();

        var next = heap.NextDeadline;

        Assert.Equal(Timed.Never, next);
    }

    [Fact]
    public void Add_SeveralDeadlines_TheEarliestIsFirst()
    {
        var heap = new DeadlineHeap();
        var early = new Waiter();
        heap.Add(new Waiter(), 30);

        heap.Add(early, 10);

        Assert.Equal(10, heap.NextDeadline);
        Assert.Same(early, heap.Earliest);
    }

    [Fact]
    public void Add_Never_TakesNoPlace()
    {
        var heap = new DeadlineHeap();
        var node = new Waiter();

        heap.Add(node, Timed.Never);

        Assert.Equal((0, -1), (heap.Count, node.HeapIndex));
    }

    [Fact]
    public void Remove_TheEarliest_LeavesTheNext()
    {
        var heap = new DeadlineHeap();
        var early = new Waiter();
        heap.Add(early, 10);
        heap.Add(new Waiter(), 30);
        heap.Add(new Waiter(), 20);

        heap.Remove(early);

        Assert.Equal((20, 2, -1), (heap.NextDeadline, heap.Count, early.HeapIndex));
    }

    [Fact]
    public void Remove_NodeThatIsNotThere_ChangesNothing()
    {
        var heap = new DeadlineHeap();
        heap.Add(new Waiter(), 10);

        heap.Remove(new Waiter());

        Assert.Equal((10, 1), (heap.NextDeadline, heap.Count));
    }

    [Fact]
    public void Change_LaterDeadline_TheOtherComesFirst()
    {
        var heap = new DeadlineHeap();
        var node = new Waiter();
        heap.Add(node, 10);
        heap.Add(new Waiter(), 20);

        heap.Change(node, 30);

        Assert.Equal((20, 30), (heap.NextDeadline, node.Deadline));
    }

    [Fact]
    public void Change_FromNever_TakesItsPlace()
    {
        var heap = new DeadlineHeap();
        var node = new Waiter();
        heap.Add(node, Timed.Never);

        heap.Change(node, 30);

        Assert.Equal((30, 1), (heap.NextDeadline, heap.Count));
    }

    [Fact]
    public void Remove_EqualDeadlines_ComeInTheOrderTheyWereAdded()
    {
        var heap = new DeadlineHeap();
        var nodes = Enumerable.Range(0, 20).Select(_ => new Waiter()).ToArray();
        foreach (var node in nodes)
        {
            heap.Add(node, 10);
        }

        var order = Drain(heap);

        Assert.Equal(nodes, order);
    }

    [Fact]
    public void AddRemoveAndChange_AnyOrder_DoesWhatASortedListDoes() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 40], Gen.Int[0, 1000]).Array[0, 200].Sample(
            steps =>
            {
                var heap = new DeadlineHeap();
                var list = new List<(long Deadline, int Turn, Timed Node)>();
                var turns = 0;
                foreach (var (what, deadline, which) in steps)
                {
                    if (what == 0 || list.Count == 0)
                    {
                        list.Add((deadline, turns++, new Waiter()));
                        heap.Add(list[^1].Node, deadline);
                        continue;
                    }

                    var at = which % list.Count;
                    var node = list[at].Node;
                    list.RemoveAt(at);
                    if (what == 1)
                    {
                        heap.Remove(node);
                        continue;
                    }

                    list.Add((deadline, turns++, node));
                    heap.Change(node, deadline);
                }

                var expected = list.OrderBy(one => one.Deadline).ThenBy(one => one.Turn).Select(one => one.Node);
                Assert.Equal(list.Count, heap.Count);
                Assert.Equal(expected, Drain(heap));
            },
            iter: 2_000);

    private static List<Timed> Drain(DeadlineHeap heap)
    {
        var order = new List<Timed>();
        while (heap.Count > 0)
        {
            order.Add(heap.Earliest);
            heap.Remove(heap.Earliest);
        }

        return order;
    }
}
