using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

public sealed class QueueMachineGetsTests
{
    [Fact]
    public void Get_ItemsReady_DeliversTheOldest()
    {
        var scene = MachineScene.WithReady(2);

        scene.Get(scene.Bob, 1);

        Assert.Equal(["Bob 1: Delivered 1"], scene.Told());
        Assert.Equal((1, 1), (scene.Counts.Ready, scene.Counts.Held));
    }

    [Fact]
    public void Get_SeveralReady_DeliversAtMostAsManyAsAsked()
    {
        var scene = MachineScene.WithReady(3);

        scene.Get(scene.Bob, 1, maxItems: 2);

        Assert.Equal(["Bob 1: Delivered 1", "Bob 1: Delivered 2"], scene.Told());
    }

    [Fact]
    public void Get_FewerReadyThanAsked_DoesNotWaitForMore()
    {
        var scene = MachineScene.WithReady(1);

        scene.Get(scene.Bob, 1, maxItems: 5);

        Assert.Equal(["Bob 1: Delivered 1"], scene.Told());
        Assert.Equal(0, scene.Counts.WaitingGets);
    }

    [Fact]
    public void Get_ItemsLargerThanADelivery_ComeOneAtATime()
    {
        var scene = new MachineScene();
        var half = (int)(QueueMachine.DeliveryBytesMax / 2) + 1;
        scene.PutSizes(scene.Ann, 1, [half, half]);
        scene.Told();

        scene.Get(scene.Bob, 2, maxItems: 2);

        Assert.Equal(["Bob 2: Delivered 1"], scene.Told());
    }

    [Fact]
    public void Get_OneItemLargerThanADelivery_IsDelivered()
    {
        var scene = new MachineScene();
        scene.PutSizes(scene.Ann, 1, [(int)QueueMachine.DeliveryBytesMax + 1]);
        scene.Told();

        scene.Get(scene.Bob, 2, maxItems: 2);

        Assert.Equal(["Bob 2: Delivered 1"], scene.Told());
    }

    [Fact]
    public void Get_MoreEmptyItemsThanADelivery_StopsAtTheLimit()
    {
        var scene = new MachineScene();
        scene.PutSizes(scene.Ann, 1, new int[QueueMachine.DeliveryItemsMax + 1]);
        scene.Told();

        scene.Get(scene.Bob, 2, maxItems: int.MaxValue);

        Assert.Equal((1, QueueMachine.DeliveryItemsMax), (scene.Counts.Ready, scene.Machine.Effects.Count));
    }

    [Fact]
    public void Get_NothingReadyAndNoWait_IsEmpty()
    {
        var scene = new MachineScene();

        scene.Get(scene.Bob, 1, wait: 0);

        Assert.Equal(["Bob 1: Empty"], scene.Told());
    }

    [Fact]
    public void Get_NothingReady_WaitsUntilItsDeadline()
    {
        var scene = new MachineScene();

        scene.Get(scene.Bob, 1, wait: 50);

        Assert.Empty(scene.Told());
        Assert.Equal(MachineScene.Start + 50, scene.Machine.NextDeadline);
    }

    [Fact]
    public void Tick_WaitingGetIsNotLate_StaysInLine()
    {
        var scene = new MachineScene();
        scene.Get(scene.Bob, 1, wait: 50);

        scene.Tick(after: 49);

        Assert.Empty(scene.Told());
    }

    [Fact]
    public void Tick_WaitingGetIsLate_IsEmpty()
    {
        var scene = new MachineScene();
        scene.Get(scene.Bob, 1, wait: 50);

        scene.Tick(after: 50);

        Assert.Equal(["Bob 1: Empty"], scene.Told());
        Assert.Equal(Timed.Never, scene.Machine.NextDeadline);
    }

    [Fact]
    public void Tick_AnsweredGet_IsNotAnsweredAgain()
    {
        var scene = new MachineScene();
        scene.Get(scene.Bob, 1, wait: 50);
        scene.Put(scene.Ann, 2);
        scene.Told();

        scene.Tick(after: 50);

        Assert.Empty(scene.Told());
    }

    [Fact]
    public void Get_RoomIsMade_LetsTheWaitingPutIn()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1);

        scene.Get(scene.Bob, 2);

        Assert.Equal(["Bob 2: Delivered 1", "Ann 1: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Get_CompletedQueueWithItems_DrainsIt()
    {
        var scene = MachineScene.WithReady(1);
        scene.Machine.Complete(discard: false, scene.Now);

        scene.Get(scene.Bob, 1);

        Assert.Equal(["Bob 1: Delivered 1"], scene.Told());
    }

    [Fact]
    public void Get_CompletedQueueWithHeldItems_WaitsForThem()
    {
        var scene = MachineScene.WithReady(1);
        scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Complete(discard: false, scene.Now);

        scene.Get(scene.Ann, 1);

        Assert.Empty(scene.Told());
        Assert.Equal(1, scene.Counts.WaitingGets);
    }

    [Fact]
    public void Get_CompletedAndDrainedQueue_IsTold()
    {
        var scene = new MachineScene();
        scene.Machine.Complete(discard: false, scene.Now);

        scene.Get(scene.Bob, 1);

        Assert.Equal(["Bob 1: Completed"], scene.Told());
    }

    [Fact]
    public void Get_AfterDelete_IsTold()
    {
        var scene = MachineScene.WithReady(1);
        scene.Machine.Delete();

        scene.Get(scene.Bob, 1);

        Assert.Equal(["Bob 1: Deleted"], scene.Told());
    }

    [Fact]
    public void Cancel_WaitingGet_GetsNothingLater()
    {
        var scene = new MachineScene();
        scene.Get(scene.Bob, 1);

        scene.Machine.Cancel(scene.Bob, 1, scene.Now);

        scene.Put(scene.Ann, 2);
        Assert.Equal(["Bob 1: Cancelled", "Ann 2: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Detach_TakenButNotConfirmed_GoesToTheNextInLineWithoutAFailure()
    {
        var scene = MachineScene.WithReady(1);
        scene.Get(scene.Ann, 1);
        scene.Get(scene.Bob, 2);
        scene.Told();

        scene.Machine.Detach(scene.Ann, failed: true, scene.Now);

        Assert.Equal(0, scene.Machine.Effects[0].Item.Failures);
        Assert.Equal(["Bob 2: Delivered 1"], scene.Told());
    }

    [Fact]
    public void Detach_LeasedByACrashedClient_CountsAsAFailure()
    {
        var scene = MachineScene.WithReady(1);
        scene.TakeLeases(scene.Ann, 1);

        scene.Machine.Detach(scene.Ann, failed: true, scene.Now);

        Assert.True(scene.Machine.TryPeek(out var item));
        Assert.Equal(1, item.Failures);
    }

    [Fact]
    public void Detach_LeasedByAClientThatCloses_CountsAsNothing()
    {
        var scene = MachineScene.WithReady(1);
        scene.TakeLeases(scene.Ann, 1);

        scene.Machine.Detach(scene.Ann, failed: false, scene.Now);

        Assert.True(scene.Machine.TryPeek(out var item));
        Assert.Equal(0, item.Failures);
    }

    [Fact]
    public void Detach_SeveralHeld_ComeBackBeforeAllNewer()
    {
        var scene = MachineScene.WithReady(5);
        scene.TakeLeases(scene.Ann, 3);

        scene.Machine.Detach(scene.Ann, failed: true, scene.Now);

        Assert.Equal([1, 2, 3, 4, 5], scene.ReadyInOrder());
    }

    [Fact]
    public void Detach_SeveralHeldForTheLastTime_DieInOrder()
    {
        var scene = MachineScene.WithReady(3, new QueueSettings { MaxFailures = 1 });
        scene.TakeLeases(scene.Ann, 3);

        scene.Machine.Detach(scene.Ann, failed: true, scene.Now);

        Assert.Equal([1, 2, 3], scene.Machine.GetDead(10).Select(letter => letter.Item.Sequence));
    }

    [Fact]
    public void TryPeek_NothingReady_IsFalse()
    {
        var scene = new MachineScene();

        var found = scene.Machine.TryPeek(out _);

        Assert.False(found);
    }

    [Fact]
    public void TryPeek_ItemCameBack_ShowsItBeforeNewerOnes()
    {
        var scene = MachineScene.WithReady(2);
        var tokens = scene.TakeLeases(scene.Bob, 1);
        scene.Machine.Release(scene.Bob, tokens[0], scene.Now);

        scene.Machine.TryPeek(out var item);

        Assert.Equal(1, item.Sequence);
        Assert.Equal(2, scene.Counts.Ready);
    }

    [Fact]
    public void Get_SeveralWaitAndTheirClientMayHoldFewer_TheRestIsToldSo()
    {
        var scene = new MachineScene(bobMayHold: 3);
        scene.Lease(scene.Bob, 1, maxItems: 2);
        scene.Lease(scene.Bob, 2, maxItems: 2);
        scene.Get(scene.Bob, 3);

        scene.Put(scene.Ann, 4, 5);

        Assert.Equal(["Bob 1: Delivered 1", "Bob 1: Delivered 2", "Bob 2: Delivered 3", "Bob 3: TooManyHeld", "Ann 4: Accepted 5"], scene.Told().Order().OrderBy(line => line[0] == 'A'));
        Assert.Equal((3, 2), (scene.Counts.Held, scene.Counts.Ready));
    }

    [Fact]
    public void Get_ClientHoldsAllThatItMay_IsToldSoAtOnceUntilItSettlesSome()
    {
        var scene = new MachineScene(bobMayHold: 1);
        scene.Put(scene.Ann, 1, 2);
        var token = Assert.Single(scene.TakeLeases(scene.Bob, 5));

        scene.Get(scene.Bob, 2);
        scene.Subscribe(scene.Bob, 3, window: 5);
        scene.Machine.Ack(scene.Bob, token, scene.Now);
        scene.Get(scene.Bob, 4);

        Assert.Equal(["Bob 2: TooManyHeld", "Bob 3: TooManyHeld", "Bob 4: Delivered 2"], scene.Told());
    }
}
