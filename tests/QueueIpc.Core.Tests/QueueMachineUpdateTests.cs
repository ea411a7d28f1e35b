using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

/// <summary>What changes in a living queue: its settings, and single dead items.</summary>
public sealed class QueueMachineUpdateTests
{
    [Fact]
    public void Update_MoreCapacity_LetsWaitingPutsInAtOnce()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 1 });
        scene.Put(scene.Ann, 1, items: 3);
        scene.Put(scene.Bob, 2);
        scene.Told();

        scene.Machine.Update(new QueueSettings { Capacity = 3 }, scene.Now);

        Assert.Equal(["Ann 1: Accepted 3"], scene.Told());
        Assert.Equal((3, 1), (scene.Counts.Ready, scene.Counts.WaitingPuts));
    }

    [Fact]
    public void Update_LessCapacity_KeepsWhatIsThereAndStopsNewOnes()
    {
        var scene = MachineScene.WithReady(3);

        scene.Machine.Update(new QueueSettings { Capacity = 2 }, scene.Now);
        scene.Put(scene.Ann, 1, wait: 0);

        Assert.Equal(["Ann 1: Full"], scene.Told());
        Assert.Equal([1, 2, 3], scene.ReadyInOrder());
    }

    [Fact]
    public void Update_WaitingPutCanNeverFitAnyMore_IsToldWithWhatWasAccepted()
    {
        var scene = new MachineScene(new QueueSettings { Capacity = 1 });
        scene.PutSizes(scene.Ann, 1, [1, 9]);

        scene.Machine.Update(new QueueSettings { Capacity = 1, MaxBytes = 8 }, scene.Now);

        Assert.Equal(["Ann 1: NeverFits 1"], scene.Told());
    }

    [Fact]
    public void Update_ShorterLeaseTime_HoldsForThoseWhoComeAfterwards()
    {
        var scene = MachineScene.WithReady(2, new QueueSettings { LeaseTime = 100 });
        scene.Machine.Update(new QueueSettings { LeaseTime = 10 }, scene.Now);
        var late = scene.Machine.Attach("Late");
        scene.Lease(scene.Ann, 1);
        scene.Lease(late, 2);

        scene.Tick(after: 10);

        Assert.Equal([2], scene.ReadyInOrder());
    }

    [Fact]
    public void Update_LongerLeaseTime_HoldsForAllAtOnce()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 10 });
        scene.Machine.Update(new QueueSettings { LeaseTime = 100 }, scene.Now);
        scene.Lease(scene.Ann, 1);

        scene.Tick(after: 99);

        Assert.Empty(scene.ReadyInOrder());
    }

    [Fact]
    public void Nack_WithAReason_IsWhatTheItemDiesOf()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { MaxFailures = 1 });

        scene.Machine.Nack(scene.Ann, scene.TakeLeases(scene.Ann, 1)[0], delay: 0, scene.Now, "it is cold");

        Assert.Equal("it is cold", Assert.Single(scene.Machine.GetDead(10)).Reason);
    }

    [Fact]
    public void Redrive_OneOfThreeDead_IsReadyAtItsPlaceAndTheOthersStayInTheirOrder()
    {
        var scene = WithDead(3);

        var count = scene.Machine.Redrive(new HashSet<long> { 2, 99 }, scene.Now);

        Assert.Equal(1, count);
        Assert.Equal([1, 3], scene.Machine.GetDead(10).Select(letter => letter.Item.Sequence));
        Assert.Equal([2, 4], scene.ReadyInOrder());
    }

    [Fact]
    public void DeleteDead_OneOfThree_IsGone()
    {
        var scene = WithDead(3);

        var count = scene.Machine.DeleteDead(new HashSet<long> { 3 }, scene.Now);

        Assert.Equal((1, 2, 1), (count, scene.Counts.Dead, scene.Counts.TotalDropped));
    }

    [Fact]
    public void GetHeld_TwoHolders_SaysWhoHoldsWhatSinceWhenOldestFirst()
    {
        var scene = MachineScene.WithReady(3, new QueueSettings { LeaseTime = 100 });
        scene.Lease(scene.Bob, 1);
        scene.Now += 30;
        scene.Get(scene.Ann, 2);
        scene.Now += 5;

        var held = scene.Machine.GetHeld(10, scene.Now);

        Assert.Equal(
            [(1, "Bob", 35, 65), (2, "Ann", 5, -1)],
            held.Select(one => (one.Item.Sequence, (string)one.Holder.Tag!, one.HeldFor, one.LeaseLeft)));
    }

    /// <summary>So many dead items, and one that is ready behind them.</summary>
    private static MachineScene WithDead(int items)
    {
        var scene = MachineScene.WithReady(items + 1);
        foreach (var token in scene.TakeLeases(scene.Ann, items))
        {
            scene.Machine.DeadLetter(scene.Ann, token, "no good", scene.Now);
        }

        return scene;
    }
}
