using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

public sealed class QueueTotalsTests
{
    [Fact]
    public void Totals_OneItemForEveryFate_EachIsCountedOnceAndNothingTwice()
    {
        var scene = MachineScene.WithReady(8, new QueueSettings { MaxFailures = 2, LeaseTime = 100 });
        var tokens = scene.TakeLeases(scene.Ann, 6);
        scene.Machine.Ack(scene.Ann, tokens[0], scene.Now);
        scene.Machine.Nack(scene.Ann, tokens[1], delay: 0, scene.Now);
        scene.Machine.Nack(scene.Ann, tokens[2], delay: 50, scene.Now);
        scene.Machine.Release(scene.Ann, tokens[3], scene.Now);
        scene.Machine.DeadLetter(scene.Ann, tokens[4], "hopeless", scene.Now);
        scene.Tick(100);

        Assert.Equal(new QueueTotals { Put = 8, Delivered = 6, Acked = 1, Nacked = 2, Released = 1, Expired = 1, Dead = 1 }, scene.Machine.Totals);
    }

    [Fact]
    public void Totals_HolderGone_WhatItHeldIsDisconnectedAndWhatItReadAheadUnread()
    {
        var scene = MachineScene.WithReady(5);
        scene.TakeLeases(scene.Ann, 1);
        scene.Subscribe(scene.Ann, 1, window: 2);
        scene.Subscribe(scene.Ann, 2, window: 2, lease: true);
        scene.Machine.Detach(scene.Ann, failed: true, scene.Now);

        Assert.Equal(new QueueTotals { Put = 5, Delivered = 5, Disconnected = 1, Unread = 4 }, scene.Machine.Totals);
    }

    [Fact]
    public void Totals_FailedTooOften_IsNackedAndDead()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { MaxFailures = 1 });
        scene.Machine.Nack(scene.Ann, scene.TakeLeases(scene.Ann, 1)[0], delay: 0, scene.Now);

        Assert.Equal(new QueueTotals { Put = 1, Delivered = 1, Nacked = 1, Dead = 1 }, scene.Machine.Totals);
    }
}
