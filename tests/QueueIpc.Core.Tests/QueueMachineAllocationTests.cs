using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

/// <summary>What a queue does all day makes no garbage: a pause of the broker would be everybody's pause.</summary>
public sealed class QueueMachineAllocationTests
{
    private const int WarmUps = 2_000;
    private const int Rounds = 10_000;

    /// <summary>
    /// One object a round would be 240,000 bytes. A collection that another test causes can charge this thread with what was left of the
    /// 8 KiB that it allocates from, although it allocated nothing: that was seen.
    /// </summary>
    private const int NothingMax = 8 * 1024;

    private readonly MachineScene _scene = new();
    private readonly byte[] _packed = new byte[ItemBatch.PrefixBytes];
    private ulong _confirmed;

    [Fact]
    public void PutGetAck_SteadyState_AllocatesNothing()
    {
        var bytes = AllocatedBy(() =>
        {
            PutOne();
            _scene.Get(_scene.Bob, 2);
            AckDelivered();
        });

        Assert.InRange(bytes, 0, NothingMax);
        Assert.Equal(WarmUps + Rounds, _scene.Counts.TotalTaken);
    }

    [Fact]
    public void GetPutAck_WaitingGetWithDeadline_AllocatesNothing()
    {
        var bytes = AllocatedBy(() =>
        {
            _scene.Get(_scene.Bob, 2, wait: 1000);
            PutOne();
            AckDelivered();
        });

        Assert.InRange(bytes, 0, NothingMax);
        Assert.Equal(WarmUps + Rounds, _scene.Counts.TotalTaken);
    }

    [Fact]
    public void PutLeaseAck_SteadyState_AllocatesNothing()
    {
        var bytes = AllocatedBy(() =>
        {
            PutOne();
            _scene.Lease(_scene.Bob, 2);
            AckDelivered();
        });

        Assert.InRange(bytes, 0, NothingMax);
        Assert.Equal(WarmUps + Rounds, _scene.Counts.TotalTaken);
    }

    [Fact]
    public void PutLeaseRelease_SteadyState_AllocatesNothing()
    {
        PutOne();
        var bytes = AllocatedBy(() =>
        {
            _scene.Machine.ClearEffects();
            _scene.Lease(_scene.Bob, 2);
            Assert.True(_scene.Machine.Release(_scene.Bob, _scene.Machine.Effects[0].Token, _scene.Now));
        });

        Assert.InRange(bytes, 0, NothingMax);
        Assert.Equal(1, _scene.Counts.Ready);
    }

    [Fact]
    public void PutAdvance_SubscriptionThatTakes_AllocatesNothing()
    {
        _scene.Subscribe(_scene.Bob, 9, window: 8);
        var bytes = AllocatedBy(() =>
        {
            PutOne();
            _scene.Machine.ClearEffects();
            _scene.Machine.Advance(_scene.Bob, 9, ++_confirmed, windowItems: 8, _scene.Now);
        });

        Assert.InRange(bytes, 0, NothingMax);
        Assert.Equal(WarmUps + Rounds, _scene.Counts.TotalTaken);
    }

    [Fact]
    public void PutAdvanceAck_SubscriptionThatLeases_AllocatesNothing()
    {
        _scene.Subscribe(_scene.Bob, 9, window: 8, lease: true);
        var bytes = AllocatedBy(() =>
        {
            PutOne();
            _scene.Machine.Advance(_scene.Bob, 9, ++_confirmed, windowItems: 8, _scene.Now);
            AckDelivered();
        });

        Assert.InRange(bytes, 0, NothingMax);
        Assert.Equal(WarmUps + Rounds, _scene.Counts.TotalTaken);
    }

    [Fact]
    public void PutGetAck_DepthThatSwings_AllocatesNothing()
    {
        const int Depth = 700; // over the border between two chunks, and back
        var bytes = AllocatedBy(
            () =>
            {
                for (var i = 0; i < Depth; i++)
                {
                    PutOne();
                    _scene.Machine.ClearEffects();
                }

                for (var i = 0; i < Depth; i++)
                {
                    _scene.Get(_scene.Bob, 2);
                    AckDelivered();
                }
            },
            rounds: 20);

        Assert.InRange(bytes, 0, NothingMax);
        Assert.Equal(0, _scene.Counts.Ready);
    }

    private static long AllocatedBy(Action round, int rounds = Rounds)
    {
        for (var i = 0; i < WarmUps * rounds / Rounds; i++)
        {
            round();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < rounds; i++)
        {
            round();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // The bytes are packed once: where they come from is not the machine's affair.
    private void PutOne() =>
        _scene.Machine.Put(_scene.Ann, 1, new ItemBatch(_packed, 0, 1, _packed.Length), Timed.Never, _scene.Now);

    private void AckDelivered()
    {
        var effects = _scene.Machine.Effects;
        for (var i = 0; i < effects.Count; i++)
        {
            if (effects[i].Kind == EffectKind.Delivered)
            {
                Assert.True(_scene.Machine.Ack(_scene.Bob, effects[i].Token, _scene.Now));
                _scene.Machine.ClearEffects();
                return;
            }
        }

        Assert.Fail("Nothing was delivered");
    }
}
