using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

public sealed class QueueMachinePutsTests
{
    [Fact]
    public void Put_Room_IsAcceptedAtOnce()
    {
        var scene = new MachineScene();

        scene.Put(scene.Ann, 1, items: 3, wait: 0);

        Assert.Equal(["Ann 1: Accepted 3"], scene.Told());
        Assert.Equal(3, scene.Counts.Ready);
    }

    [Fact]
    public void Put_WaitingGets_AreServedInOrderOfArrival()
    {
        var scene = new MachineScene();
        scene.Get(scene.Bob, 1);
        scene.Get(scene.Ann, 2);

        scene.Put(scene.Ann, 3, items: 2);

        Assert.Equal(["Bob 1: Delivered 1", "Ann 2: Delivered 2", "Ann 3: Accepted 2"], scene.Told());
    }

    [Fact]
    public void Put_WaitingGetsBeyondCapacity_TakesAllOfThem()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 1 });
        scene.Get(scene.Bob, 1);
        scene.Get(scene.Bob, 2);

        scene.Put(scene.Ann, 3, items: 3, wait: 0);

        Assert.Equal(["Bob 1: Delivered 1", "Bob 2: Delivered 2", "Ann 3: Accepted 3"], scene.Told());
    }

    [Fact]
    public void Put_NoRoomAndNoWait_IsFull()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });

        scene.Put(scene.Ann, 1, wait: 0);

        Assert.Equal(["Ann 1: Full"], scene.Told());
    }

    [Fact]
    public void Put_RoomForSomeAndNoWait_SaysHowMany()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 2 });

        scene.Put(scene.Ann, 1, items: 3, wait: 0);

        Assert.Equal(["Ann 1: Full 2"], scene.Told());
    }

    [Fact]
    public void Put_HeldItems_DoNotCountAgainstCapacity()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        scene.TakeLeases(scene.Bob, 1);

        scene.Put(scene.Ann, 1, wait: 0);

        Assert.Equal(["Ann 1: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Put_DelayedItems_CountAgainstCapacity()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Nack(scene.Bob, tokens[0], delay: 10, scene.Now);

        scene.Put(scene.Ann, 1, wait: 0);

        Assert.Equal(["Ann 1: Full"], scene.Told());
    }

    [Fact]
    public void Put_OverCapacityAfterAReturn_Waits()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Put(scene.Ann, 1);
        scene.Machine.Release(scene.Bob, tokens[0], scene.Now);
        scene.Told();

        scene.Put(scene.Ann, 2);

        Assert.Empty(scene.Told());
        Assert.Equal((2, 1), (scene.Counts.Ready, scene.Counts.WaitingPuts));
    }

    [Fact]
    public void Put_BehindAWaitingPut_DoesNotOvertakeIt()
    {
        var scene = new MachineScene(new QueueSettings { MaxBytes = 10 });
        scene.PutSizes(scene.Ann, 1, [8]);
        scene.PutSizes(scene.Ann, 2, [8]);
        scene.Told();

        scene.PutSizes(scene.Bob, 3, [1], wait: 0);

        Assert.Equal(["Bob 3: Full"], scene.Told());
    }

    [Fact]
    public void Put_LargerThanMaxBytes_NeverFitsAndNothingOfItIsTaken()
    {
        var scene = new MachineScene(new QueueSettings { MaxBytes = 10 });

        scene.PutSizes(scene.Ann, 1, [1, 11]);

        Assert.Equal(["Ann 1: NeverFits"], scene.Told());
        Assert.Equal(0, scene.Counts.TotalPut);
    }

    [Fact]
    public void Put_ExactlyMaxBytes_IsAccepted()
    {
        var scene = new MachineScene(new QueueSettings { MaxBytes = 10 });

        scene.PutSizes(scene.Ann, 1, [4, 6], wait: 0);

        Assert.Equal(["Ann 1: Accepted 2"], scene.Told());
        Assert.Equal(10, scene.Counts.Bytes);
    }

    [Fact]
    public void Put_HeldAndDeadItems_CountAgainstMaxBytes()
    {
        var scene = MachineScene.WithReady(2, new QueueSettings { MaxBytes = 2 });
        var tokens = scene.TakeLeases(scene.Bob, 2);
        scene.Machine.DeadLetter(scene.Bob, tokens[0], "no good", scene.Now);

        scene.Put(scene.Ann, 1, wait: 0);

        Assert.Equal(["Ann 1: Full"], scene.Told());
    }

    [Fact]
    public void Put_OfNothing_IsAcceptedWhenThereIsRoom()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 1 });

        scene.Put(scene.Ann, 1, items: 0, wait: 0);

        Assert.Equal(["Ann 1: Accepted"], scene.Told());
    }

    [Fact]
    public void Put_OfNothingIntoAFullQueue_WaitsForRoom()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1, items: 0);

        scene.Get(scene.Bob, 2);

        Assert.Equal(["Bob 2: Delivered 1", "Ann 1: Accepted"], scene.Told());
    }

    [Fact]
    public void Put_NullItem_IsDeliveredAsNull()
    {
        var scene = new MachineScene();
        scene.Machine.Put(scene.Ann, 1, Batches.Of(null, []), Timed.Never, scene.Now);

        scene.Get(scene.Bob, 2, maxItems: 2);

        Assert.Equal([Item.NullLength, 0], scene.Machine.Effects.Skip(1).Select(effect => effect.Item.Length));
    }

    [Fact]
    public void Put_AfterComplete_IsTold()
    {
        var scene = new MachineScene();
        scene.Machine.Complete(discard: false, scene.Now);

        scene.Put(scene.Ann, 1);

        Assert.Equal(["Ann 1: Completed"], scene.Told());
    }

    [Fact]
    public void Put_AfterDelete_IsTold()
    {
        var scene = new MachineScene();
        scene.Machine.Delete();

        scene.Put(scene.Ann, 1);

        Assert.Equal(["Ann 1: Deleted"], scene.Told());
    }

    [Fact]
    public void Put_NoMemory_WaitsAndIsStarved()
    {
        var memory = new Memory(limit: 100) { UsedByOthers = 90 };
        var scene = new MachineScene(memory: memory);

        scene.Put(scene.Ann, 1);

        Assert.True(scene.Machine.IsStarved);
        Assert.Equal((1, 0L), (scene.Counts.WaitingPuts, memory.Used));
    }

    [Fact]
    public void Resume_MemoryIsBack_AcceptsWhatWaited()
    {
        var memory = new Memory(limit: 100) { UsedByOthers = 90 };
        var scene = new MachineScene(memory: memory);
        scene.Put(scene.Ann, 1);
        memory.UsedByOthers = 0;

        scene.Machine.Resume(scene.Now);

        Assert.Equal(["Ann 1: Accepted 1"], scene.Told());
        Assert.Equal(1 + QueueMachine.ItemOverheadBytes, memory.Used);
        Assert.False(scene.Machine.IsStarved);
    }

    [Fact]
    public void Memory_HeldDelayedAndDead_CountsWhatTheyTake()
    {
        const int OneByte = 1 + QueueMachine.ItemOverheadBytes;
        var memory = new Memory();
        var scene = new MachineScene(memory: memory);
        scene.Put(scene.Ann, 1, items: 3);

        var tokens = scene.TakeLeases(scene.Bob, 3);
        Assert.Equal(3 * (OneByte + QueueMachine.HoldOverheadBytes), memory.Used);

        scene.Machine.Nack(scene.Bob, tokens[0], delay: 5, scene.Now);
        scene.Machine.Release(scene.Bob, tokens[1], scene.Now);
        Assert.Equal((3 * OneByte) + (2 * QueueMachine.HoldOverheadBytes), memory.Used);

        scene.Machine.DeadLetter(scene.Bob, tokens[2], "no good", scene.Now);
        Assert.Equal((3 * OneByte) + QueueMachine.HoldOverheadBytes + QueueMachine.MemoryFor("no good"), memory.Used);

        scene.Tick(5);
        scene.Machine.Redrive(scene.Now);
        Assert.Equal(3 * OneByte, memory.Used);
    }

    /// <summary>A put whose memory a lease takes is let in when the lease is settled.</summary>
    [Fact]
    public void Put_WaitsForTheMemoryOfALease_IsLetInWhenThatIsSettled()
    {
        var scene = new MachineScene(memory: new Memory(limit: 2 * (1 + QueueMachine.ItemOverheadBytes)));
        scene.Put(scene.Ann, 1);
        var token = Assert.Single(scene.TakeLeases(scene.Bob, 1));
        scene.Put(scene.Ann, 2);
        Assert.Empty(scene.Told());

        scene.Machine.Release(scene.Bob, token, scene.Now);

        Assert.Equal(["Ann 2: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Get_RoomForPartOfAWaitingBatch_LetsThatPartIn()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 2 });
        scene.Put(scene.Ann, 1, items: 4);
        scene.Put(scene.Bob, 2);

        scene.Get(scene.Bob, 3);

        Assert.Equal(["Bob 3: Delivered 1"], scene.Told());
        Assert.Equal((2, 2, 3L), (scene.Counts.Ready, scene.Counts.WaitingPuts, scene.Counts.TotalPut));
    }

    [Fact]
    public void Tick_WaitingPutIsLate_IsFullWithWhatWasAccepted()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 2 });
        scene.Put(scene.Ann, 1, items: 3, wait: 50);

        scene.Tick(after: 50);

        Assert.Equal(["Ann 1: Full 2"], scene.Told());
    }

    [Fact]
    public void Tick_LargePutInFrontIsLate_LetsTheSmallOneBehindItIn()
    {
        var scene = new MachineScene(new QueueSettings { MaxBytes = 10 });
        scene.PutSizes(scene.Ann, 1, [8]);
        scene.PutSizes(scene.Ann, 2, [8], wait: 50);
        scene.PutSizes(scene.Bob, 3, [1]);
        scene.Told();

        scene.Tick(after: 50);

        Assert.Equal(["Ann 2: Full", "Bob 3: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Cancel_WaitingPut_SaysWhatWasAccepted()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1, items: 2);

        scene.Machine.Cancel(scene.Ann, 1, scene.Now);

        Assert.Equal(["Ann 1: Cancelled 1"], scene.Told());
        Assert.Equal(0, scene.Counts.WaitingPuts);
    }

    [Fact]
    public void Cancel_AnsweredPut_SaysNothingMore()
    {
        var scene = new MachineScene();
        scene.Put(scene.Ann, 1);
        scene.Told();

        scene.Machine.Cancel(scene.Ann, 1, scene.Now);

        Assert.Empty(scene.Told());
    }

    [Fact]
    public void Cancel_RequestOfAnother_ChangesNothing()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1);

        scene.Machine.Cancel(scene.Bob, 1, scene.Now);

        Assert.Empty(scene.Told());
        Assert.Equal(1, scene.Counts.WaitingPuts);
    }

    [Fact]
    public void Detach_WaitingPut_NeverAppearsLater()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1);
        scene.Put(scene.Bob, 2);

        scene.Machine.Detach(scene.Ann, failed: true, scene.Now);

        scene.Get(scene.Bob, 3, maxItems: 5);
        Assert.Equal(["Bob 3: Delivered 1", "Bob 2: Accepted 1"], scene.Told());
        Assert.Equal(2, scene.Counts.TotalPut);
    }
}
