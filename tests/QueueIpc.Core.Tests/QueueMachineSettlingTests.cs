using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

public sealed class QueueMachineSettlingTests
{
    [Fact]
    public void Ack_Held_FreesItsMemory()
    {
        var memory = new Memory();
        var scene = new MachineScene(memory: memory);
        scene.Put(scene.Ann, 1);
        var tokens = scene.TakeLeases(scene.Bob, 1);

        var done = scene.Machine.Ack(scene.Bob, tokens[0], scene.Now);

        Assert.True(done);
        Assert.Equal((0L, 0L, 1L), (memory.Used, scene.Counts.Bytes, scene.Counts.TotalTaken));
    }

    [Fact]
    public void Ack_BytesWereFull_LetsTheWaitingPutIn()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { MaxBytes = 1 });
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Put(scene.Ann, 1);

        scene.Machine.Ack(scene.Bob, tokens[0], scene.Now);

        Assert.Equal(["Ann 1: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Ack_Twice_IsFalseTheSecondTime()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Ack(scene.Bob, tokens[0], scene.Now);

        var done = scene.Machine.Ack(scene.Bob, tokens[0], scene.Now);

        Assert.False(done);
        Assert.Equal(1, scene.Counts.TotalTaken);
    }

    [Fact]
    public void Ack_TokenOfAnEarlierDelivery_DoesNotTouchTheNewOne()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 100 });
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Tick(after: 100);
        scene.TakeLeases(scene.Bob, 1);

        var done = scene.Machine.Ack(scene.Bob, tokens[0], scene.Now);

        Assert.False(done);
        Assert.Equal(1, scene.Counts.Held);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ulong.MaxValue)]
    public void Ack_TokenNeverGiven_IsFalse(ulong token)
    {
        var scene = MachineScene.WithReady(1);
        scene.TakeLeases(scene.Bob, 1);

        var done = scene.Machine.Ack(scene.Bob, token, scene.Now);

        Assert.False(done);
        Assert.Equal(1, scene.Counts.Held);
    }

    [Fact]
    public void Nack_Held_ComesBackToItsPlaceWithAFailure()
    {
        var scene = MachineScene.WithReady(3);
        var tokens = scene.TakeLeases(scene.Bob, 2);

        var done = scene.Machine.Nack(scene.Bob, tokens[1], delay: 0, scene.Now);

        Assert.True(done);
        scene.Machine.TryPeek(out var first);
        Assert.Equal((2, 1), (first.Sequence, first.Failures));
        Assert.Equal([2, 3], scene.ReadyInOrder());
    }

    [Fact]
    public void Nack_SomeoneWaits_GoesToThatOneAtOnce()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Get(scene.Ann, 1);

        scene.Machine.Nack(scene.Bob, tokens[0], delay: 0, scene.Now);

        Assert.Equal(["Ann 1: Delivered 1"], scene.Told());
    }

    [Fact]
    public void Nack_ForTheLastTime_IsDeadWithItsFailures()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { MaxFailures = 2 });
        scene.Machine.Nack(scene.Bob, scene.TakeLeases(scene.Bob, 1)[0], delay: 0, scene.Now);
        var tokens = scene.TakeLeases(scene.Bob, 1);

        scene.Machine.Nack(scene.Bob, tokens[0], delay: 0, scene.Now);

        var letter = Assert.Single(scene.Machine.GetDead(10));
        Assert.Equal((2, scene.Now), (letter.Item.Failures, letter.DiedAt));
    }

    [Fact]
    public void Nack_NoLimitOfFailures_NeverDies()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { MaxFailures = 0 });
        for (var i = 0; i < 10; i++)
        {
            scene.Machine.Nack(scene.Bob, scene.TakeLeases(scene.Bob, 1)[0], delay: 0, scene.Now);
        }

        scene.Machine.TryPeek(out var item);

        Assert.Equal((10, 0), (item.Failures, scene.Counts.Dead));
    }

    [Fact]
    public void Nack_WithDelay_IsReadyWhenDue()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Nack(scene.Bob, tokens[0], delay: 50, scene.Now);

        scene.Tick(after: 50);

        Assert.Equal((0, 1), (scene.Counts.Delayed, scene.Counts.Ready));
    }

    [Fact]
    public void Nack_WithDelay_IsNotReadyBefore()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Nack(scene.Bob, tokens[0], delay: 50, scene.Now);

        scene.Tick(after: 49);

        Assert.Equal((1, 0), (scene.Counts.Delayed, scene.Counts.Ready));
    }

    [Fact]
    public void Nack_WithDelay_StaysWhenItsConsumerGoes()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Nack(scene.Bob, tokens[0], delay: 50, scene.Now);

        scene.Machine.Detach(scene.Bob, failed: true, scene.Now);

        Assert.Equal(1, scene.Counts.Delayed);
    }

    [Fact]
    public void Nack_DiscardedQueue_DropsTheItem()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Complete(discard: true, scene.Now);

        scene.Machine.Nack(scene.Bob, tokens[0], delay: 50, scene.Now);

        Assert.Equal((0, 0, 1L), (scene.Counts.Delayed, scene.Counts.Ready, scene.Counts.TotalDropped));
    }

    [Fact]
    public void Release_Held_ComesBackWithoutAFailure()
    {
        var scene = MachineScene.WithReady(2, new QueueSettings { MaxFailures = 1 });
        var tokens = scene.TakeLeases(scene.Bob, 1);

        scene.Machine.Release(scene.Bob, tokens[0], scene.Now);

        scene.Machine.TryPeek(out var item);
        Assert.Equal((1, 0), (item.Sequence, item.Failures));
    }

    [Fact]
    public void Extend_Lease_EndsLater()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 100 });
        var tokens = scene.TakeLeases(scene.Bob, 1);

        var done = scene.Machine.Extend(scene.Bob, tokens[0], duration: 300, scene.Now);

        Assert.True(done);
        Assert.Equal(scene.Now + 300, scene.Machine.NextDeadline);
    }

    [Fact]
    public void Extend_LessThanIsLeft_ChangesNothing()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 100 });
        var tokens = scene.TakeLeases(scene.Bob, 1);

        var done = scene.Machine.Extend(scene.Bob, tokens[0], duration: 30, scene.Now);

        Assert.True(done);
        Assert.Equal(scene.Now + 100, scene.Machine.NextDeadline);
    }

    [Fact]
    public void Extend_ForEver_HasNoDeadline()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);

        scene.Machine.Extend(scene.Bob, tokens[0], duration: Timed.Never, scene.Now);

        Assert.Equal(Timed.Never, scene.Machine.NextDeadline);
    }

    [Fact]
    public void Extend_TakenItem_IsFalse()
    {
        var scene = MachineScene.WithReady(1);
        scene.Get(scene.Bob, 1);

        var done = scene.Machine.Extend(scene.Bob, scene.Machine.Effects[0].Token, duration: 10, scene.Now);

        Assert.False(done);
        Assert.Equal(Timed.Never, scene.Machine.NextDeadline);
    }

    [Fact]
    public void DeadLetter_Held_IsDeadWithTheReasonAndNoFailure()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);

        var done = scene.Machine.DeadLetter(scene.Bob, tokens[0], "no good", scene.Now);

        Assert.True(done);
        var letter = Assert.Single(scene.Machine.GetDead(10));
        Assert.Equal(("no good", 0), (letter.Reason, letter.Item.Failures));
    }

    [Fact]
    public void DeadLetter_MoreThanAreKept_DropsTheOldest()
    {
        var scene = MachineScene.WithReady(3, new QueueSettings { MaxDead = 2 });
        var tokens = scene.TakeLeases(scene.Bob, 3);
        scene.Machine.DeadLetter(scene.Bob, tokens[0], "no good", scene.Now);
        scene.Machine.DeadLetter(scene.Bob, tokens[1], "no good", scene.Now);

        scene.Machine.DeadLetter(scene.Bob, tokens[2], "no good", scene.Now);

        Assert.Equal([2, 3], scene.Machine.GetDead(10).Select(letter => letter.Item.Sequence));
        Assert.Equal((2L, 1L), (scene.Counts.Bytes, scene.Counts.TotalDropped));
    }

    [Fact]
    public void Tick_LeaseExpires_ComesBackWithAFailure()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 100 });
        scene.TakeLeases(scene.Bob, 1);

        scene.Tick(after: 100);

        scene.Machine.TryPeek(out var item);
        Assert.Equal((1, 1), (item.Sequence, item.Failures));
    }

    [Fact]
    public void Tick_BatchOfLeasesExpires_GoesToWhoWaitsInOrder()
    {
        var scene = MachineScene.WithReady(5, new QueueSettings { LeaseTime = 100 });
        scene.TakeLeases(scene.Bob, 5);
        for (var request = 1ul; request <= 5; request++)
        {
            scene.Get(scene.Ann, request);
        }

        scene.Tick(after: 100);

        Assert.Equal(
            ["Ann 1: Delivered 1", "Ann 2: Delivered 2", "Ann 3: Delivered 3", "Ann 4: Delivered 4", "Ann 5: Delivered 5"],
            scene.Told());
    }

    [Fact]
    public void Tick_LeaseWithoutEnd_NeverExpires()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 0 });
        scene.TakeLeases(scene.Bob, 1);

        scene.Tick(after: 1_000_000);

        Assert.Equal((1, Timed.Never), (scene.Counts.Held, scene.Machine.NextDeadline));
    }

    [Fact]
    public void Tick_TakenItem_NeverExpires()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 100 });
        scene.Get(scene.Bob, 1);

        scene.Tick(after: 1_000_000);

        Assert.Equal(1, scene.Counts.Held);
    }

    [Fact]
    public void Release_PartOfALargeBuffer_KeepsItsBytesOnly()
    {
        var scene = new MachineScene();
        scene.PutSizes(scene.Ann, 1, [10, 1000]);
        var tokens = scene.TakeLeases(scene.Bob, 1);

        scene.Machine.Release(scene.Bob, tokens[0], scene.Now);

        scene.Machine.TryPeek(out var item);
        Assert.Equal((10, ItemBatch.PrefixBytes + 10), (item.Length, item.Buffer.Length));
    }
}
