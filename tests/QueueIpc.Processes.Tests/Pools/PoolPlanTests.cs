using QueueIpc.Pools;

namespace QueueIpc.Tests.Pools;

public sealed class PoolPlanTests
{
    [Fact]
    public void TryHandOut_NobodyIsReady_KeepsTheJob()
    {
        var plan = new PoolPlan(3, 0);
        plan.Add(new PoolSeat());
        plan.Add(new Job());
        Assert.False(plan.TryHandOut(out _, out _));
        Assert.Equal(1, plan.Waiting);
    }

    [Fact]
    public void TryHandOut_TwoWorkers_EachHasOneBeforeOneHasTwoAndNobodyHasMore()
    {
        var (plan, one, other) = Two();
        Give(plan, 5);
        Assert.Equal([one, other, one, other], HandOut(plan));
        Assert.Equal(1, plan.Waiting);
    }

    [Fact]
    public void TryHandOut_QuickJobs_MoreLieReadyUntilOneTakesLong()
    {
        var plan = new PoolPlan(3, 0);
        var seat = Ready(plan);
        for (var i = 0; i < 100; i++)
        {
            seat.Measure(10);
        }

        Give(plan, 100);
        Assert.Equal(16, HandOut(plan).Count);
        seat.Measure(1_000_000);
        Assert.Equal(2, seat.Ahead);
    }

    [Fact]
    public void Ended_WithJobsInHand_TheFirstHasFailedAndAllWaitInTheirOrder()
    {
        var (plan, one, other) = Two();
        Give(plan, 4);
        HandOut(plan);
        var (first, second) = (one.Hand[0], one.Hand[1]);
        Assert.Null(plan.Ended(one, []));
        Assert.Equal((1, 0, 2), (first.Failures, second.Failures, plan.Waiting));
        other.Hand.Clear();
        HandOut(plan);
        Assert.Equal([first, second], other.Hand);
    }

    [Fact]
    public void Ended_JobNeverArrived_IsNoFailure()
    {
        var (plan, one, _) = Two();
        Give(plan, 1);
        HandOut(plan);
        var job = one.Hand[0];
        plan.Ended(one, [job.Id]);
        Assert.Equal((0, 1), (job.Failures, plan.Waiting));
    }

    [Fact]
    public void Ended_AsOftenAsIsAllowed_TheJobIsAnsweredAndWaitsNoMore()
    {
        var plan = new PoolPlan(2, 0);
        Give(plan, 1);
        Ready(plan);
        HandOut(plan);
        var job = plan.Seats[0].Hand[0];
        Assert.Null(plan.Ended(plan.Seats[0], []));
        Ready(plan);
        HandOut(plan);
        Assert.Same(job, plan.Ended(plan.Seats[0], []));
        Assert.Equal(0, plan.Waiting);
    }

    [Fact]
    public void GiveUp_WaitingOrHeld_IsNotHandedOutAgain()
    {
        var plan = new PoolPlan(3, 0);
        var seat = Ready(plan);
        Give(plan, 3);
        HandOut(plan);
        var (held, waiting) = (seat.Hand[0], plan.All().Single(job => job.Seat is null));
        Assert.Null(plan.GiveUp(waiting, now: 7));
        Assert.Same(seat, plan.GiveUp(held, now: 7));
        Assert.Equal(0, plan.Waiting);
        plan.Ended(seat, []);
        Assert.Equal(1, plan.Waiting);
    }

    [Fact]
    public void WhomToAsk_OneIsIdleAndAnotherHasTwo_ThatOneAndOnlyOnce()
    {
        var (plan, one, other) = Two();
        Give(plan, 4);
        HandOut(plan);
        Assert.Null(plan.WhomToAsk());
        other.Take(other.Hand[0].Id);
        other.Take(other.Hand[0].Id);
        Assert.Same(one, plan.WhomToAsk());
        Assert.Null(plan.WhomToAsk());
        plan.NotBegun(one, one.Hand[1].Id);
        Assert.Equal([other], HandOut(plan));
    }

    [Fact]
    public void TryHandOut_WorkerHasHadItsJobs_GetsNoMore()
    {
        var plan = new PoolPlan(3, maxJobsPerWorker: 1);
        var seat = Ready(plan);
        Give(plan, 2);
        Assert.Equal([seat], HandOut(plan));
        Assert.True(seat.IsRetiring);
    }

    private static (PoolPlan Plan, PoolSeat One, PoolSeat Other) Two()
    {
        var plan = new PoolPlan(3, 0);
        return (plan, Ready(plan), Ready(plan));
    }

    private static PoolSeat Ready(PoolPlan plan)
    {
        var seat = new PoolSeat { IsReady = true };
        plan.Add(seat);
        return seat;
    }

    private static void Give(PoolPlan plan, int jobs)
    {
        for (var i = 0; i < jobs; i++)
        {
            plan.Add(new Job());
        }
    }

    private static List<PoolSeat> HandOut(PoolPlan plan)
    {
        var seats = new List<PoolSeat>();
        while (plan.TryHandOut(out var seat, out _))
        {
            seats.Add(seat);
        }

        return seats;
    }

    private sealed class Job() : PoolJob([])
    {
        public override void Succeed(ReadOnlyMemory<byte> result) => throw new InvalidOperationException("nobody waits for it");

        public override void Fail(Exception why) => throw new InvalidOperationException("nobody waits for it");
    }
}
