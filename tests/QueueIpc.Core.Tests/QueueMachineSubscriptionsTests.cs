using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

public sealed class QueueMachineSubscriptionsTests
{
    [Fact]
    public void Subscribe_ItemsReady_SendsAsManyAsTheWindowHolds()
    {
        var scene = MachineScene.WithReady(3);

        scene.Subscribe(scene.Bob, 1, window: 2);

        Assert.Equal(["Bob 1: Delivered 1", "Bob 1: Delivered 2"], scene.Told());
        Assert.Equal((1, 2), (scene.Counts.Ready, scene.Counts.Held));
    }

    [Fact]
    public void Subscribe_WindowOfBytes_StopsWhenItIsFull()
    {
        var scene = new MachineScene();
        scene.PutSizes(scene.Ann, 1, [6, 6, 6]);
        scene.Told();

        scene.Subscribe(scene.Bob, 2, window: 10, windowBytes: 10);

        Assert.Equal(["Bob 2: Delivered 1", "Bob 2: Delivered 2"], scene.Told());
    }

    [Fact]
    public void Subscribe_ItemLargerThanTheWindow_IsSentAlone()
    {
        var scene = new MachineScene();
        scene.PutSizes(scene.Ann, 1, [50, 1]);
        scene.Told();

        scene.Subscribe(scene.Bob, 2, window: 10, windowBytes: 10);

        Assert.Equal(["Bob 2: Delivered 1"], scene.Told());
    }

    [Fact]
    public void Subscribe_WindowOfNone_StandsInNoLine()
    {
        var scene = MachineScene.WithReady(1);

        scene.Subscribe(scene.Bob, 1, window: 0);

        Assert.Empty(scene.Told());
        Assert.Equal(0, scene.Counts.WaitingGets);
    }

    [Fact]
    public void Subscribe_Leasing_GivesTokens()
    {
        var scene = MachineScene.WithReady(1);

        scene.Subscribe(scene.Bob, 1, window: 1, lease: true);

        var effect = Assert.Single(scene.Machine.Effects);
        Assert.True(effect.Lease);
        Assert.NotEqual(0ul, effect.Token);
    }

    [Fact]
    public void Subscribe_Taking_GivesNoToken()
    {
        var scene = MachineScene.WithReady(1);

        scene.Subscribe(scene.Bob, 1, window: 1);

        var effect = Assert.Single(scene.Machine.Effects);
        Assert.Equal((false, 0ul), (effect.Lease, effect.Token));
    }

    [Fact]
    public void Put_SeveralSubscriptions_GetEqualShares()
    {
        var scene = new MachineScene();
        scene.Subscribe(scene.Ann, 1, window: 10);
        scene.Subscribe(scene.Bob, 2, window: 10);

        scene.Put(scene.Ann, 3, items: 4);

        Assert.Equal(
            ["Ann 1: Delivered 1", "Ann 1: Delivered 2", "Bob 2: Delivered 3", "Bob 2: Delivered 4", "Ann 3: Accepted 4"],
            scene.Told());
    }

    [Fact]
    public void Put_FewItemsForWideWindows_AnEighthOfTheWindowIsNotSplit()
    {
        var scene = new MachineScene();
        scene.Subscribe(scene.Ann, 1, window: 16);
        scene.Subscribe(scene.Bob, 2, window: 16);

        scene.Put(scene.Ann, 3, items: 3);

        Assert.Equal(
            ["Ann 1: Delivered 1", "Ann 1: Delivered 2", "Bob 2: Delivered 3", "Ann 3: Accepted 3"],
            scene.Told());
    }

    [Fact]
    public void Put_OneAtATime_TakesTurns()
    {
        var scene = new MachineScene();
        scene.Subscribe(scene.Ann, 1, window: 10);
        scene.Subscribe(scene.Bob, 2, window: 10);
        scene.Put(scene.Ann, 3);
        scene.Told();

        scene.Put(scene.Ann, 4);

        Assert.Equal(["Bob 2: Delivered 2", "Ann 4: Accepted 1"], scene.Told());
    }

    [Fact]
    public void Advance_Confirmed_SettlesAndSendsMore()
    {
        var scene = MachineScene.WithReady(3);
        scene.Subscribe(scene.Bob, 1, window: 2);
        scene.Told();

        var done = scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 2, scene.Now);

        Assert.True(done);
        Assert.Equal(["Bob 1: Delivered 3"], scene.Told());
        Assert.Equal((2, 1L, 2L), (scene.Counts.Held, scene.Counts.TotalTaken, scene.Counts.Bytes));
    }

    [Fact]
    public void Advance_ConfirmedCountsFromTheBeginning_SettlesOnlyTheNewOnes()
    {
        var scene = MachineScene.WithReady(3);
        scene.Subscribe(scene.Bob, 1, window: 3);
        scene.Machine.Advance(scene.Bob, 1, confirmed: 2, windowItems: 3, scene.Now);

        var done = scene.Machine.Advance(scene.Bob, 1, confirmed: 3, windowItems: 3, scene.Now);

        Assert.True(done);
        Assert.Equal((0, 3L), (scene.Counts.Held, scene.Counts.TotalTaken));
    }

    [Fact]
    public void Advance_LargerWindow_SendsMore()
    {
        var scene = MachineScene.WithReady(3);
        scene.Subscribe(scene.Bob, 1, window: 1);
        scene.Told();

        scene.Machine.Advance(scene.Bob, 1, confirmed: 0, windowItems: 2, scene.Now);

        Assert.Equal(["Bob 1: Delivered 2"], scene.Told());
    }

    [Fact]
    public void Advance_WindowShutWhileInLine_SendsNothingMore()
    {
        var scene = new MachineScene();
        scene.Subscribe(scene.Bob, 1, window: 1);
        scene.Machine.Advance(scene.Bob, 1, confirmed: 0, windowItems: 0, scene.Now);

        scene.Put(scene.Ann, 2);

        Assert.Equal(["Ann 2: Accepted 1"], scene.Told());
        Assert.Equal(1, scene.Counts.Ready);
    }

    [Fact]
    public void Advance_MoreThanWasSent_IsRefused()
    {
        var scene = MachineScene.WithReady(1);
        scene.Subscribe(scene.Bob, 1, window: 2);

        var done = scene.Machine.Advance(scene.Bob, 1, confirmed: 2, windowItems: 2, scene.Now);

        Assert.False(done);
        Assert.Equal(1, scene.Counts.Held);
    }

    [Fact]
    public void Advance_LessThanBefore_IsRefused()
    {
        var scene = MachineScene.WithReady(2);
        scene.Subscribe(scene.Bob, 1, window: 2);
        scene.Machine.Advance(scene.Bob, 1, confirmed: 2, windowItems: 2, scene.Now);

        var done = scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 2, scene.Now);

        Assert.False(done);
    }

    [Fact]
    public void Advance_EndedSubscription_IsPastCaring()
    {
        var scene = new MachineScene();
        scene.Subscribe(scene.Bob, 1, window: 1);
        scene.Machine.Cancel(scene.Bob, 1, scene.Now);

        var done = scene.Machine.Advance(scene.Bob, 1, confirmed: 9, windowItems: 1, scene.Now);

        Assert.True(done);
        Assert.Equal(0, scene.Counts.WaitingGets);
    }

    [Fact]
    public void Advance_LeaseThatEndedMeanwhile_ConfirmsNothing()
    {
        var scene = MachineScene.WithReady(1);
        scene.Subscribe(scene.Bob, 1, window: 1, lease: true);
        scene.Machine.Ack(scene.Bob, scene.Machine.Effects[0].Token, scene.Now);

        var done = scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 1, scene.Now);

        Assert.True(done);
        Assert.Equal((0, 1L, 1), (scene.Counts.Held, scene.Counts.TotalTaken, scene.Counts.WaitingGets));
    }

    [Fact]
    public void Advance_WindowOpensOnACompletedQueue_IsTold()
    {
        var scene = new MachineScene();
        scene.Subscribe(scene.Bob, 1, window: 0);
        scene.Machine.Complete(discard: false, scene.Now);

        scene.Machine.Advance(scene.Bob, 1, confirmed: 0, windowItems: 1, scene.Now);

        Assert.Equal(["Bob 1: Completed"], scene.Told());
    }

    [Fact]
    public void Advance_LastItemOfACompletedQueue_EndsTheSubscription()
    {
        var scene = MachineScene.WithReady(1);
        scene.Subscribe(scene.Bob, 1, window: 2);
        scene.Machine.Complete(discard: false, scene.Now);
        scene.Told();

        scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 2, scene.Now);

        Assert.Equal(["Bob 1: Completed"], scene.Told());
    }

    [Fact]
    public void Get_NothingReadyButAheadOfAReaderThatStandsStill_RecallsOnce()
    {
        var scene = StandingStill(items: 3, confirmed: 1);

        scene.Get(scene.Ann, 2);
        scene.Get(scene.Ann, 3);

        Assert.Equal(["Bob 1: Recall"], scene.Told());
    }

    [Fact]
    public void Get_ReaderStandsStillAndDoesNotReturn_IsNotRecalled()
    {
        var scene = StandingStill(items: 3, confirmed: 1, canReturn: false);

        scene.Get(scene.Ann, 2);

        Assert.Empty(scene.Told());
    }

    [Fact]
    public void Get_DoesNotWait_RecallsForTheNextTime()
    {
        var scene = StandingStill(items: 2, confirmed: 1);

        scene.Get(scene.Ann, 2, wait: 0);

        Assert.Equal(["Bob 1: Recall", "Ann 2: Empty"], scene.Told());
    }

    [Fact]
    public void Advance_ReaderStandsStillWhileSomebodyWaits_IsRecalled()
    {
        var scene = MachineScene.WithReady(2);
        scene.Subscribe(scene.Bob, 1, window: 2, canReturn: true);
        scene.Get(scene.Ann, 2);
        scene.Told();

        scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 0, scene.Now);

        Assert.Equal(["Bob 1: Recall"], scene.Told());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Return_RestOfWhatWasSent_GoesToWhoWaitsInOrder(bool lease)
    {
        var scene = StandingStill(items: 4, confirmed: 1, lease: lease);
        scene.Get(scene.Ann, 2, maxItems: 5);
        scene.Told();

        var done = scene.Machine.Return(scene.Bob, 1, confirmed: 2, last: 4, scene.Now);

        Assert.True(done);
        Assert.Equal(["Ann 2: Delivered 3", "Ann 2: Delivered 4"], scene.Told());
    }

    [Fact]
    public void Return_SentSinceTheRecall_IsTheReadersStill()
    {
        var scene = StandingStill(items: 2, confirmed: 0);
        scene.Get(scene.Ann, 2, wait: 0);
        scene.Machine.Advance(scene.Bob, 1, confirmed: 0, windowItems: 3, scene.Now);
        scene.Put(scene.Ann, 3);
        scene.Told();

        scene.Machine.Return(scene.Bob, 1, confirmed: 0, last: 2, scene.Now);
        scene.Told();

        Assert.True(scene.Machine.Advance(scene.Bob, 1, confirmed: 3, windowItems: 0, scene.Now));
        Assert.Equal(1, scene.Counts.TotalTaken);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 1)]
    [InlineData(1, 4)]
    public void Return_WhatWasNotSentOrIsConfirmed_IsRefused(ulong confirmed, ulong last)
    {
        var scene = StandingStill(items: 3, confirmed: 1);

        Assert.False(scene.Machine.Return(scene.Bob, 1, confirmed, last, scene.Now));
    }

    [Fact]
    public void RejectNext_UnconfirmedItem_IsDeadWithTheReason()
    {
        var scene = MachineScene.WithReady(2);
        scene.Subscribe(scene.Bob, 1, window: 2);

        var done = scene.Machine.RejectNext(scene.Bob, 1, "unreadable", scene.Now);

        Assert.True(done);
        var letter = Assert.Single(scene.Machine.GetDead(10));
        Assert.Equal((1, "unreadable", scene.Now), (letter.Item.Sequence, letter.Reason, letter.DiedAt));
    }

    [Fact]
    public void RejectNext_CountsAsConfirmed_SoThatTheWindowMoves()
    {
        var scene = MachineScene.WithReady(2);
        scene.Subscribe(scene.Bob, 1, window: 1);
        scene.Told();

        scene.Machine.RejectNext(scene.Bob, 1, "unreadable", scene.Now);

        Assert.Equal(["Bob 1: Delivered 2"], scene.Told());
        Assert.True(scene.Machine.Advance(scene.Bob, 1, confirmed: 2, windowItems: 1, scene.Now));
    }

    [Fact]
    public void RejectNext_NothingUnconfirmed_IsRefused()
    {
        var scene = new MachineScene();
        scene.Subscribe(scene.Bob, 1, window: 1);

        var done = scene.Machine.RejectNext(scene.Bob, 1, "unreadable", scene.Now);

        Assert.False(done);
    }

    [Fact]
    public void Cancel_UnconfirmedItems_GoBackInOrderWithoutAFailure()
    {
        var scene = MachineScene.WithReady(4);
        scene.Subscribe(scene.Bob, 1, window: 3);

        scene.Machine.Cancel(scene.Bob, 1, scene.Now);

        scene.Machine.TryPeek(out var first);
        Assert.Equal(0, first.Failures);
        Assert.Equal([1, 2, 3, 4], scene.ReadyInOrder());
    }

    [Fact]
    public void Cancel_LeasesNotYetInHand_GoBackAndThoseInHandStay()
    {
        var scene = MachineScene.WithReady(3);
        scene.Subscribe(scene.Bob, 1, window: 3, lease: true);
        scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 3, scene.Now);

        scene.Machine.Cancel(scene.Bob, 1, scene.Now);

        Assert.Equal((2, 1), (scene.Counts.Ready, scene.Counts.Held));
    }

    [Fact]
    public void Detach_Crash_OnlyLeasesInHandCountAsFailures()
    {
        var scene = MachineScene.WithReady(2);
        scene.Subscribe(scene.Bob, 1, window: 2, lease: true);
        scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 2, scene.Now);
        scene.Machine.ClearEffects();

        scene.Machine.Detach(scene.Bob, failed: true, scene.Now);

        scene.Get(scene.Ann, 2, maxItems: 2);
        Assert.Equal([(1L, 1), (2L, 0)], scene.Machine.Effects.Select(effect => (effect.Item.Sequence, effect.Item.Failures)));
    }

    [Fact]
    public void Tick_LeaseOnlySentAheadExpires_GoesToAnotherWithoutAFailure()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 100 });
        scene.Subscribe(scene.Bob, 1, window: 1, lease: true);
        scene.Get(scene.Ann, 2);
        scene.Machine.ClearEffects();

        scene.Tick(after: 100);

        Assert.Equal(0, scene.Machine.Effects[0].Item.Failures);
        Assert.Equal(["Ann 2: Delivered 1"], scene.Told());
    }

    [Fact]
    public void Tick_LeaseInHandExpires_IsAFailure()
    {
        var scene = MachineScene.WithReady(1, new QueueSettings { LeaseTime = 100 });
        scene.Subscribe(scene.Bob, 1, window: 1, lease: true);
        scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 0, scene.Now);

        scene.Tick(after: 100);

        scene.Machine.TryPeek(out var item);
        Assert.Equal(1, item.Failures);
    }

    [Fact]
    public void Delete_SubscriptionWithItems_IsToldAndTheItemsAreGone()
    {
        var scene = MachineScene.WithReady(2);
        scene.Subscribe(scene.Bob, 1, window: 1);
        scene.Told();

        scene.Machine.Delete();

        Assert.Equal(["Bob 1: Deleted"], scene.Told());
        Assert.Equal((0, 0, 2L), (scene.Counts.Ready, scene.Counts.Held, scene.Counts.TotalDropped));
    }

    [Fact]
    public void Subscribe_CompletedAndDrainedQueue_IsTold()
    {
        var scene = new MachineScene();
        scene.Machine.Complete(discard: false, scene.Now);

        scene.Subscribe(scene.Bob, 1, window: 1);

        Assert.Equal(["Bob 1: Completed"], scene.Told());
    }

    [Fact]
    public void Learn_ConsumerEndedWithoutAWord_WhatItHadInHandHasFailedWhatWasAckedIsGoneAndTheRestIsBack()
    {
        var scene = MachineScene.WithReady(3);
        scene.Subscribe(scene.Bob, 1, window: 3, lease: true);
        var tokens = scene.Machine.Effects.Singly().Select(effect => effect.Token).ToArray();

        Assert.Equal(1, scene.Machine.Learn(scene.Bob, 1, tokens[..2], tokens[..1], scene.Now));
        scene.Machine.Detach(scene.Bob, failed: true, scene.Now);

        Assert.Equal((2, 0), (scene.Counts.Ready, scene.Counts.Held));
        scene.Machine.ClearEffects();
        scene.Lease(scene.Ann, 9, 3);
        Assert.Equal([1, 0], scene.Machine.Effects.Singly().Select(effect => effect.Item.Failures));
    }

    [Fact]
    public void Learn_TokensOfSomebodyElseOrAnotherRequest_ChangesNothing()
    {
        var scene = MachineScene.WithReady(2);
        var anns = scene.TakeLeases(scene.Ann, 1);
        scene.Subscribe(scene.Bob, 1, window: 1, lease: true);
        var bobs = scene.Machine.Effects.Singly().Select(effect => effect.Token).ToArray();

        Assert.Equal(0, scene.Machine.Learn(scene.Bob, 1, anns, anns, scene.Now));
        Assert.Equal(0, scene.Machine.Learn(scene.Bob, 7, bobs, bobs, scene.Now));

        Assert.Equal(2, scene.Counts.Held);
    }

    /// <summary>Bob was sent some items, has handed over a few, and wants no more for now.</summary>
    private static MachineScene StandingStill(int items, ulong confirmed, bool lease = false, bool canReturn = true)
    {
        var scene = MachineScene.WithReady(items);
        scene.Subscribe(scene.Bob, 1, window: items, lease, canReturn: canReturn);
        scene.Machine.Advance(scene.Bob, 1, confirmed, windowItems: 0, scene.Now);
        scene.Told();
        return scene;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Subscribe_SeveralWindowsOfOneClient_TogetherAreSentWhatItMayHold(bool lease)
    {
        var scene = new MachineScene(bobMayHold: 3);
        scene.Subscribe(scene.Bob, 1, window: 2, lease);
        scene.Subscribe(scene.Bob, 2, window: 2, lease);

        scene.Put(scene.Ann, 3, 6);

        Assert.Equal((3, 3), (scene.Counts.Held, scene.Counts.Ready));
    }

    [Fact]
    public void Subscribe_ClientHoldsAllThatItMay_IsSentMoreWhenSomethingElseIsSettled()
    {
        var scene = new MachineScene(bobMayHold: 2);
        scene.Subscribe(scene.Bob, 1, window: 2);
        scene.Put(scene.Ann, 2);
        scene.Put(scene.Ann, 3);
        scene.Put(scene.Ann, 4);
        scene.Told();
        scene.Subscribe(scene.Ann, 5, window: 1, lease: true);
        Assert.Equal(["Ann 5: Delivered 3"], scene.Told());
        scene.Put(scene.Ann, 6);

        scene.Machine.Advance(scene.Bob, 1, confirmed: 1, windowItems: 2, scene.Now);

        Assert.Equal(["Ann 6: Accepted 1", "Bob 1: Delivered 4"], scene.Told());
    }

    [Fact]
    public void Ack_OfALease_ReaderOfTheSameClientThatHeldTooMuchIsSentMore()
    {
        var scene = new MachineScene(bobMayHold: 2);
        scene.Put(scene.Ann, 1);
        var token = Assert.Single(scene.TakeLeases(scene.Bob, 1));
        scene.Subscribe(scene.Bob, 2, window: 5);
        scene.Put(scene.Ann, 3, 3);
        Assert.Equal(["Bob 2: Delivered 2", "Ann 3: Accepted 3"], scene.Told().OrderBy(line => line[0] == 'A'));

        scene.Machine.Ack(scene.Bob, token, scene.Now);

        Assert.Equal(["Bob 2: Delivered 3"], scene.Told());
    }
}
