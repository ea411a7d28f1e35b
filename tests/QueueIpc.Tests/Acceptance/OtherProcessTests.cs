using QueueIpc.Tests.Items;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Acceptance;

/// <summary>What one process does, another one sees.</summary>
public sealed class OtherProcessTests
{
    private const int Rounds = 1000;

    [Fact]
    public async Task Case04_Put_BlockedAndAnotherProcessGets_CompletesAndKeepsOrder()
    {
        using var queue = IpcQueue.Create<int>(new QueueOptions { Capacity = 2 });
        using var seen = IpcQueue.Create<int>();
        queue.PutMany([1, 2]);
        var put = Task.Run(() => queue.Put(3));
        Eventually.True(() => queue.GetInfo().WaitingPuts == 1);

        using var child = WorkerProcess.Start(PassOn, queue, seen, 3);

        await put.WaitAsync(Times.Long);
        Assert.True(child.WaitForExit(Times.Long));
        Assert.Equal([1, 2, 3], seen.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void Case04_Get_BlockedInAChild_GetsWhatTheParentPuts()
    {
        using var queue = IpcQueue.Create<int>();
        using var seen = IpcQueue.Create<int>();
        using var child = WorkerProcess.Start(PassOn, queue, seen, 1);
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);

        queue.Put(7);

        Assert.Equal(7, seen.Get(Times.Long));
        Assert.True(child.WaitForExit(Times.Long));
    }

    [Fact]
    public void Case06_Put_HasReturned_AnotherProcessSeesTheItemAThousandOfAThousandTimes()
    {
        using var queue = IpcQueue.Create<int>();
        using var look = IpcQueue.Create<int>();
        using var seen = IpcQueue.Create<(int Count, bool IsEmpty, bool Found, int Item)>();
        using var child = WorkerProcess.Start(Look, queue, look, seen);
        for (var i = 0; i < Rounds; i++)
        {
            queue.Put(i);

            look.Put(i);

            Assert.Equal((1, false, true, i), seen.Get(Times.Long));
        }

        look.Complete();
        Assert.True(child.WaitForExit(Times.Long));
    }

    [Fact]
    public void Case06_Put_HasReturnedInAnotherProcess_ThisOneSeesTheItemAThousandOfAThousandTimes()
    {
        using var orders = IpcQueue.Create<int>();
        using var queue = IpcQueue.Create<int>();
        using var done = IpcQueue.Create<int>();
        using var child = WorkerProcess.Start(PutOnOrder, orders, queue, done);
        for (var i = 0; i < Rounds; i++)
        {
            orders.Put(i);
            Assert.Equal(i, done.Get(Times.Long));

            Assert.Equal((1, false), (queue.Count, queue.IsEmpty));
            Assert.True(queue.TryGet(out var item));
            Assert.Equal(i, item);
        }

        orders.Complete();
        Assert.True(child.WaitForExit(Times.Long));
    }

    [Fact]
    public void Case08_Texts_ThroughAChild_ArriveEqual() =>
        ArriveEqual<string?>([null, string.Empty, "Grüße 你好", "😀\0", new string('ß', 100_000)], (a, b) => a == b);

    [Fact]
    public void Case08_Bytes_ThroughAChild_ArriveEqualAndKeepTheirBoundaries()
    {
        byte[]?[] items = [null, [], [0], new byte[4096], new byte[65_536], new byte[(16 << 20) - 64], new byte[16 << 20], [1]];
        foreach (var item in items.OfType<byte[]>())
        {
            new Random(item.Length).NextBytes(item);
        }

        ArriveEqual(items, (a, b) => a is null ? b is null : b is not null && a.AsSpan().SequenceEqual(b));
    }

    [Fact]
    public void Case08_NestedRecords_ThroughAChild_ArriveEqual() => ArriveEqual<Order>(
        [
            new Order(Guid.NewGuid(), DateTime.UnixEpoch, null, null, [], []),
            new Order(
                Guid.NewGuid(), new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc), "Grüße 你好", new Address("Straße", 4),
                [new Line("a", 1.10m, TimeSpan.FromDays(1)), new Line("b", 0, TimeSpan.Zero)], new Dictionary<string, int> { ["x"] = 1, [""] = 2 }),
        ],
        (a, b) => a.SameAs(b));

    [Fact]
    public void Queue_InsideAnItem_ArrivesConnectedInAChild()
    {
        using var requests = IpcQueue.Create<Request?>();
        using var replies = IpcQueue.Create<int>();
        using var child = WorkerProcess.Start(Serve, requests);

        requests.PutMany([new Request(1, replies), new Request(2, replies), null]);

        Assert.True(child.WaitForExit(Times.Long));
        Assert.Equal(0, child.ExitCode);
        Assert.Equal([10, 20], replies.GetMany(10, TimeSpan.Zero));
    }

    private static void ArriveEqual<T>(T[] items, Func<T, T, bool> areEqual)
    {
        using var there = IpcQueue.Create<T>();
        using var back = IpcQueue.Create<T>();
        using var child = WorkerProcess.Start(PassOn, there, back, items.Length);

        there.PutMany(items);

        Assert.All(items, item => Assert.True(areEqual(item, back.Get(Times.Long))));
        Assert.True(child.WaitForExit(Times.Long));
        Assert.Equal((0, 0), (there.Count, back.Count));
    }

    private static void PassOn<T>(IpcQueue<T> from, IpcQueue<T> to, int count)
    {
        for (var i = 0; i < count; i++)
        {
            to.Put(from.Get());
        }
    }

    private static void Look(IpcQueue<int> queue, IpcQueue<int> look, IpcQueue<(int Count, bool IsEmpty, bool Found, int Item)> seen)
    {
        foreach (var _ in look.GetConsumingEnumerable())
        {
            var (count, isEmpty) = (queue.Count, queue.IsEmpty);
            var found = queue.TryGet(out var item);
            seen.Put((count, isEmpty, found, item));
        }
    }

    private static void PutOnOrder(IpcQueue<int> orders, IpcQueue<int> queue, IpcQueue<int> done)
    {
        foreach (var item in orders.GetConsumingEnumerable())
        {
            queue.Put(item);
            done.Put(item);
        }
    }

    private static void Serve(IpcQueue<Request?> requests)
    {
        while (requests.Get() is { } request)
        {
            using (request.Reply)
            {
                request.Reply.Put(request.Number * 10);
            }
        }
    }
}
