using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

public sealed class QueueMachineAdministrationTests
{
    [Fact]
    public void Join_NothingUnfinished_IsJoinedAtOnce()
    {
        var scene = new MachineScene();

        scene.Join(scene.Ann, 1);

        Assert.Equal(["Ann 1: Joined"], scene.Told());
    }

    [Fact]
    public void Join_UnfinishedAndNoWait_TimesOut()
    {
        var scene = MachineScene.WithReady(1);

        scene.Join(scene.Ann, 1, wait: 0);

        Assert.Equal(["Ann 1: TimedOut"], scene.Told());
    }

    [Fact]
    public void Join_LastItemIsAcked_IsJoined()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Join(scene.Ann, 1);

        scene.Machine.Ack(scene.Bob, tokens[0], scene.Now);

        Assert.Equal(["Ann 1: Joined"], scene.Told());
    }

    [Fact]
    public void Join_DelayedItem_IsUnfinished()
    {
        var scene = MachineScene.WithReady(1);
        scene.Machine.Nack(scene.Bob, scene.TakeLeases(scene.Bob, 1)[0], delay: 50, scene.Now);

        scene.Join(scene.Ann, 1);

        Assert.Empty(scene.Told());
        Assert.Equal(1, scene.Counts.WaitingJoins);
    }

    [Fact]
    public void Join_DeadItem_IsFinished()
    {
        var scene = MachineScene.WithReady(1);
        scene.Machine.DeadLetter(scene.Bob, scene.TakeLeases(scene.Bob, 1)[0], "no good", scene.Now);

        scene.Join(scene.Ann, 1);

        Assert.Equal(["Ann 1: Joined"], scene.Told());
    }

    [Fact]
    public void Tick_WaitingJoinIsLate_TimesOut()
    {
        var scene = MachineScene.WithReady(1);
        scene.Join(scene.Ann, 1, wait: 50);

        scene.Tick(after: 50);

        Assert.Equal(["Ann 1: TimedOut"], scene.Told());
    }

    [Fact]
    public void Complete_WaitingPut_IsToldWithWhatWasAccepted()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1, items: 2);

        scene.Machine.Complete(discard: false, scene.Now);

        Assert.Equal(["Ann 1: Completed 1"], scene.Told());
        Assert.Equal((1, true, false), (scene.Counts.Ready, scene.Counts.IsClosed, scene.Counts.IsCompleted));
    }

    [Fact]
    public void Complete_EmptyQueue_TellsWaitingGets()
    {
        var scene = new MachineScene();
        scene.Get(scene.Ann, 1);
        scene.Subscribe(scene.Bob, 2, window: 1);

        scene.Machine.Complete(discard: false, scene.Now);

        Assert.Equal(["Ann 1: Completed", "Bob 2: Completed"], scene.Told());
        Assert.True(scene.Counts.IsCompleted);
    }

    [Fact]
    public void Complete_ItemIsHeld_TellsWaitingGetsWhenItIsAcked()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Get(scene.Ann, 1);
        scene.Machine.Complete(discard: false, scene.Now);

        scene.Machine.Ack(scene.Bob, tokens[0], scene.Now);

        Assert.Equal(["Ann 1: Completed"], scene.Told());
    }

    [Fact]
    public void Complete_Discard_DropsWhatWaitsAndKeepsTheDead()
    {
        var scene = MachineScene.WithReady(3);
        var tokens = scene.TakeLeases(scene.Bob, 2);
        scene.Machine.DeadLetter(scene.Bob, tokens[0], "no good", scene.Now);
        scene.Machine.Nack(scene.Bob, tokens[1], delay: 50, scene.Now);

        scene.Machine.Complete(discard: true, scene.Now);

        Assert.Equal((0, 0, 1, 2L), (scene.Counts.Ready, scene.Counts.Delayed, scene.Counts.Dead, scene.Counts.TotalDropped));
    }

    [Fact]
    public void Complete_Discard_DropsWhatComesBackLater()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Complete(discard: true, scene.Now);

        scene.Machine.Release(scene.Bob, tokens[0], scene.Now);

        Assert.Equal((0, 1L, true), (scene.Counts.Ready, scene.Counts.TotalDropped, scene.Counts.IsCompleted));
    }

    [Fact]
    public void Delete_EverybodyWaiting_IsToldOnce()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1);
        scene.Join(scene.Bob, 2);

        scene.Machine.Delete();

        Assert.Equal(["Ann 1: Deleted", "Bob 2: Deleted"], scene.Told());
    }

    [Fact]
    public void Delete_ItemsInEveryState_GivesAllMemoryBack()
    {
        var memory = new Memory();
        var scene = new MachineScene(memory: memory);
        scene.Put(scene.Ann, 1, items: 4);
        var tokens = scene.TakeLeases(scene.Bob, 3);
        scene.Machine.DeadLetter(scene.Bob, tokens[0], "no good", scene.Now);
        scene.Machine.Nack(scene.Bob, tokens[1], delay: 50, scene.Now);

        scene.Machine.Delete();

        Assert.Equal((0L, 0L, 4L), (memory.Used, scene.Counts.Bytes, scene.Counts.TotalDropped));
        Assert.Equal(Timed.Never, scene.Machine.NextDeadline);
    }

    [Fact]
    public void Delete_HeldItem_VoidsItsToken()
    {
        var scene = MachineScene.WithReady(1);
        var tokens = scene.TakeLeases(scene.Bob, 1);

        scene.Machine.Delete();

        Assert.False(scene.Machine.Ack(scene.Bob, tokens[0], scene.Now));
    }

    [Fact]
    public void Clear_Ready_DropsThoseAndNoOthers()
    {
        var scene = MachineScene.WithReady(3);
        scene.TakeLeases(scene.Bob, 1);

        var count = scene.Machine.Clear(scene.Now);

        Assert.Equal(2, count);
        Assert.Equal((0, 1, 2L), (scene.Counts.Ready, scene.Counts.Held, scene.Counts.TotalDropped));
    }

    [Fact]
    public void Clear_WaitingPut_IsLetIn()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1);

        scene.Machine.Clear(scene.Now);

        Assert.Equal(["Ann 1: Accepted 1"], scene.Told());
    }

    [Fact]
    public void GetDead_MoreThanAsked_GivesTheOldest()
    {
        var scene = MachineScene.WithReady(3);
        foreach (var token in scene.TakeLeases(scene.Bob, 3))
        {
            scene.Machine.DeadLetter(scene.Bob, token, "no good", scene.Now);
        }

        var dead = scene.Machine.GetDead(2);

        Assert.Equal([1, 2], dead.Select(letter => letter.Item.Sequence));
    }

    [Fact]
    public void Redrive_Dead_AreReadyAtTheirPlaceWithoutFailures()
    {
        var scene = MachineScene.WithReady(3, new QueueSettings { MaxFailures = 1 });
        var tokens = scene.TakeLeases(scene.Bob, 2);
        scene.Machine.Nack(scene.Bob, tokens[1], delay: 0, scene.Now);
        scene.Machine.Nack(scene.Bob, tokens[0], delay: 0, scene.Now);

        var count = scene.Machine.Redrive(scene.Now);

        scene.Machine.TryPeek(out var first);
        Assert.Equal((2, 0), (count, first.Failures));
        Assert.Equal([1, 2, 3], scene.ReadyInOrder());
    }

    [Fact]
    public void Redrive_SomeoneWaits_IsDelivered()
    {
        var scene = MachineScene.WithReady(1);
        scene.Machine.DeadLetter(scene.Bob, scene.TakeLeases(scene.Bob, 1)[0], "no good", scene.Now);
        scene.Get(scene.Ann, 1);

        scene.Machine.Redrive(scene.Now);

        Assert.Equal(["Ann 1: Delivered 1"], scene.Told());
    }

    [Fact]
    public void DeleteDead_Dead_AreGoneAndTheirBytesToo()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { MaxBytes = 1 });
        scene.Machine.DeadLetter(scene.Bob, scene.TakeLeases(scene.Bob, 1)[0], "no good", scene.Now);
        scene.Put(scene.Ann, 1);

        var count = scene.Machine.DeleteDead(scene.Now);

        Assert.Equal((1, 0), (count, scene.Counts.Dead));
        Assert.Equal(["Ann 1: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Count_ItemsReady_SaysHowOldTheOldestIs()
    {
        var scene = MachineScene.WithReady(1);
        scene.Now += 70;

        var counts = scene.Machine.Count(scene.Now);

        Assert.Equal(70, counts.OldestAge);
    }
}
