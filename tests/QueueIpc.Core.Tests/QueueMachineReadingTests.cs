using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

/// <summary>What waits on the disk alone: it is ready, and whoever comes to it waits until it has been read.</summary>
public sealed class QueueMachineReadingTests
{
    /// <summary>One byte and its length.</summary>
    private const int ItemBytes = 5;

    private readonly Memory _memory = new();
    private readonly MachineScene _scene;

    public QueueMachineReadingTests() => _scene = new MachineScene(memory: _memory, near: new Nearness(2 * ItemBytes, 2 * ItemBytes));

    [Fact]
    public void Put_MoreThanIsKept_TheRestCostsNoMemoryOnceItIsOnTheDisk()
    {
        PutOneByOne(10);

        Assert.Equal(10, _scene.Counts.Ready);
        Assert.Equal(10, _scene.Counts.Bytes);
        _memory.GiveBack(_scene.Machine.PutAwayBytes);
        Assert.Equal((2 * (1 + QueueMachine.ItemOverheadBytes)) + (8 * QueueMachine.AwayRunBytes), _memory.Used);
    }

    [Fact]
    public void Put_SomebodyWaits_GetsItWithoutTheDisk()
    {
        var scene = new MachineScene(near: new Nearness(0, 1));
        scene.Get(scene.Bob, 1);

        scene.Put(scene.Ann, 2);

        Assert.Equal(["Bob 1: Delivered 1", "Ann 2: Accepted 1"], scene.Told());
        Assert.False(scene.Machine.TryAsk(out _));
    }

    [Fact]
    public void Get_WithoutTimeOfItemsThatAreAway_WaitsForThem()
    {
        PutOneByOne(4);
        TakeWhatIsHere();

        _scene.Get(_scene.Bob, 1, wait: 0);
        Assert.Empty(_scene.Told());
        Arrive(Ask());

        Assert.Equal(["Bob 1: Delivered 3"], _scene.Told());
    }

    [Fact]
    public void Get_TimeIsOverWhileItemsAreOnTheirWay_GetsThemInItsTurn()
    {
        PutOneByOne(3);
        TakeWhatIsHere();
        var reading = Ask();
        _scene.Get(_scene.Bob, 1, wait: 5);
        _scene.Get(_scene.Ann, 2, wait: 0);
        _scene.Tick(10);
        Assert.Empty(_scene.Told());

        Arrive(reading);

        Assert.Equal(["Bob 1: Delivered 3", "Ann 2: Empty"], _scene.Told());
    }

    [Fact]
    public void Clear_ItemsAreOnTheirWay_WhoWaitsFindsTheQueueEmptyAndTheyDoNotCome()
    {
        PutOneByOne(4);
        TakeWhatIsHere();
        var reading = Ask();
        _scene.Get(_scene.Bob, 1, wait: 0);

        Assert.Equal(2, _scene.Machine.Clear(_scene.Now));
        Arrive(reading);

        Assert.Equal(["Bob 1: Empty"], _scene.Told());
        Assert.Equal(0, _scene.Counts.Ready);
    }

    [Fact]
    public void TryAsk_HalfOfWhatIsReadAheadIsLeft_AsksForMoreAndOnlyOnce()
    {
        PutOneByOne(6);
        Assert.False(_scene.Machine.TryAsk(out _));

        _scene.TakeLeases(_scene.Bob, 1);

        Assert.Equal(new Reading(3, 3, 1), Ask());
        Assert.False(_scene.Machine.TryAsk(out _));
    }

    [Fact]
    public void TryAsk_MemoryIsScarce_OnlyWhenSomebodyWaits()
    {
        _memory.IsScarce = true;
        PutOneByOne(4);
        Assert.False(_scene.Machine.TryAsk(out _));

        _scene.Get(_scene.Bob, 1);

        Assert.Equal(new Reading(1, 4, 4), Ask());
    }

    [Fact]
    public void TryPeek_ItemsAreAway_TellsWhenTheyAreHere()
    {
        PutOneByOne(4);
        TakeWhatIsHere();

        Assert.False(_scene.Machine.TryPeek(2, long.MaxValue, out _));
        Arrive(Ask());

        Assert.True(_scene.Machine.TryPeek(2, long.MaxValue, out var items));
        Assert.Equal([3L, 4L], items.Select(item => item.Sequence));
    }

    [Fact]
    public void Put_WhileOlderItemsAreAway_NewOnesNeedNoReading()
    {
        PutOneByOne(3);
        TakeWhatIsHere();

        PutOneByOne(1);
        Arrive(Ask());

        Assert.Equal([3L, 4L], _scene.ReadyInOrder());
    }

    private void PutOneByOne(int items)
    {
        for (var i = 0; i < items; i++)
        {
            _scene.Put(_scene.Ann, 100);
        }

        _scene.Machine.ClearEffects();
    }

    private void TakeWhatIsHere() => Assert.Equal(2, _scene.TakeLeases(_scene.Bob, 2).Length);

    private Reading Ask()
    {
        Assert.True(_scene.Machine.TryAsk(out var reading), "Nothing is asked for");
        return reading;
    }

    private void Arrive(in Reading reading) => _scene.Machine.Arrive(reading, [ItemRun.Accept(Batches.OfBytes([.. Enumerable.Repeat<byte>(1, reading.Count)]), reading.First, MachineScene.Start)], _scene.Now);
}
