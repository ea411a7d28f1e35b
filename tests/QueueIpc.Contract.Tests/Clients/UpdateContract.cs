using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Clients;

/// <summary>What can be changed, and asked, while a queue lives: settings, single dead items, who holds what.</summary>
public sealed class UpdateContract : IDisposable
{
    private readonly QueueBroker _broker = QueueBroker.Start();
    private readonly QueueClient _client;

    public UpdateContract() => _client = QueueClient.Connect(_broker.Endpoint);

    public void Dispose()
    {
        _client.Dispose();
        _broker.Dispose();
    }

    [Fact]
    public async Task UpdateQueue_MoreCapacity_LetsAWaitingPutIn()
    {
        using var queue = _client.OpenQueue<int>("jobs", new QueueOptions { Capacity = 1 });
        queue.Put(1);
        var waiting = queue.PutAsync(2).AsTask();
        Eventually.True(() => queue.GetInfo().WaitingPuts == 1);

        _client.UpdateQueue("jobs", new QueueOptions { Capacity = 2 });

        await waiting.WaitAsync(Times.Long, TestContext.Current.CancellationToken);
        Assert.Equal((2, 2, 2), (queue.Count, queue.Capacity, queue.GetInfo().Capacity));
    }

    [Fact]
    public async Task UpdateQueueAsync_LessCapacity_StopsNewPutsOnly()
    {
        using var queue = _client.OpenQueue<int>("jobs");
        queue.PutMany([1, 2, 3]);

        await _client.UpdateQueueAsync("jobs", new QueueOptions { Capacity = 2 }, TestContext.Current.CancellationToken);

        Assert.False(queue.TryPut(4));
        Assert.Equal([1, 2, 3], queue.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public void UpdateQueue_NoSuchQueue_SaysSo() =>
        Assert.Contains("nobody", Assert.Throws<InvalidOperationException>(() => _client.UpdateQueue("nobody", new QueueOptions())).Message);

    [Fact]
    public void UpdateQueue_OptionsOutOfRange_AreRefusedBeforeAnythingIsSent() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _client.UpdateQueue("jobs", new QueueOptions { Capacity = -1 }));

    [Fact]
    public void Nack_WithAReason_IsTheDeadItemsReasonAndItKnowsWhenItDied()
    {
        using var queue = _client.OpenQueue<string>("jobs", new QueueOptions { MaxFailures = 1 });
        queue.Put("a");
        var before = DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(WallClock.UnixMicros);

        var lease = queue.Lease();
        lease.Nack(TimeSpan.Zero, "it is cold");

        var dead = Assert.Single(queue.GetDeadItems(10));
        Assert.Equal((lease.Sequence, "it is cold"), (dead.Sequence, dead.Reason));
        Assert.InRange(dead.DiedAt, before - TimeSpan.FromSeconds(2), before + Times.Long);
        Assert.Equal(dead.DiedAt, queue.GetDeadItems(10)[0].DiedAt);
    }

    [Fact]
    public async Task NackAsync_WithAReasonThatIsTooLong_KeepsItsBeginning()
    {
        using var queue = _client.OpenQueue<string>("jobs", new QueueOptions { MaxFailures = 1 });
        queue.Put("a");

        await queue.Lease().NackAsync(TimeSpan.Zero, new string('x', 5000), TestContext.Current.CancellationToken);

        Assert.Equal(new string('x', 1024), queue.GetDeadItems(10)[0].Reason);
    }

    [Fact]
    public void RedriveAndDeleteDead_SingleItems_LeaveTheOthersAlone()
    {
        using var queue = _client.OpenQueue<int>("jobs");
        Bury(queue, items: 4);

        Assert.Equal(1, queue.Redrive([3, 77]));
        Assert.Equal(2, queue.DeleteDead([1, 2, 2]));
        Assert.Equal(0, queue.Redrive([]));

        Assert.Equal([4], queue.GetDeadItems(10).Select(item => item.Sequence));
        Assert.Equal([3], queue.GetMany(10, TimeSpan.Zero));
    }

    [Fact]
    public async Task GetDeadItems_WhileItemsDie_TheListAndTheNumberAreOfOneMoment()
    {
        const int Items = 2000;
        using var queue = _client.OpenQueue<int>("jobs");
        var burial = Task.Run(() => Bury(queue, Items), TestContext.Current.CancellationToken);

        int all;
        do
        {
            Assert.Equal(queue.GetDeadItems(Items, out all).Count, all);
            Assert.InRange(queue.GetDeadItems(1, out var later).Count, 0, 1);
            Assert.True(later >= all);
        }
        while (all < Items);

        await burial;
    }

    [Fact]
    public async Task DeleteQueue_WhileItemsArePut_SaysHowManyWentWithIt()
    {
        using var queue = _client.OpenQueue<int>("jobs");
        var put = 0;
        var putting = Task.Run(
            () =>
            {
                while (true)
                {
                    queue.Put(1);
                    Interlocked.Increment(ref put);
                }
            },
            TestContext.Current.CancellationToken);
        Eventually.True(() => Volatile.Read(ref put) > 100);

        using var client = QueueClient.Connect(_broker.Endpoint);
        client.DeleteQueue("jobs", out var items);

        await Assert.ThrowsAsync<QueueCompletedException>(() => putting);
        Assert.Equal(put, items);
    }

    [Fact]
    public void GetHeldItems_ALeaseAndAnItemReadAhead_SaysWhoHasWhat()
    {
        using var queue = _client.OpenQueue<int>("jobs", new QueueOptions { LeaseTime = TimeSpan.FromMinutes(1) });
        queue.PutMany([1, 2]);

        using var lease = queue.Lease();

        var held = Assert.Single(queue.GetHeldItems(10));
        Assert.Equal((1, Environment.ProcessId, true), (held.Sequence, held.ProcessId, held.IsInHand));
        Assert.InRange(held.LeaseLeft!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Create_WithALabel_IsSeenByWhoLists()
    {
        using var labelled = IpcQueue.Create<int>(null, "results");
        using var client = QueueClient.Connect(labelled.Endpoint);

        Assert.Equal("results", client.GetQueues().Single(info => info.Name == labelled.Name).Label);
        Assert.Throws<ArgumentException>(() => IpcQueue.Create<int>(null, "a\nb"));
    }

    private static void Bury(IpcQueue<int> queue, int items)
    {
        queue.PutMany(Enumerable.Range(1, items));
        for (var i = 0; i < items; i++)
        {
            queue.Lease().DeadLetter("no good");
        }
    }
}
