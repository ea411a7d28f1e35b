using QueueIpc.Core.Tests.Support;

namespace QueueIpc.Core.Tests;

/// <summary>Numbered puts that come again, because their answers were lost, are accepted once, and in their place.</summary>
public sealed class QueueMachineProducersTests
{
    private static readonly Guid Client = new("11111111-1111-1111-1111-111111111111");

    private readonly MachineScene _scene = new(new QueueSettings { Capacity = 4 });

    [Fact]
    public void Put_ThatComesAgain_IsAnsweredAndNotAcceptedAgain()
    {
        Put(request: 1, first: 1, items: 3);
        Put(request: 2, first: 1, items: 3, oldestOpen: 1, age: 10);

        Assert.Equal(["Ann 1: Accepted 3", "Ann 2: Accepted 3"], _scene.Told());
        Assert.Equal(3, _scene.Counts.Ready);
    }

    [Fact]
    public void Put_AcceptedInPart_OnlyTheRestIsAcceptedWhenItComesAgain()
    {
        Put(request: 1, first: 1, items: 6, wait: 0);
        Assert.Equal(["Ann 1: Full 4"], _scene.Told());
        _scene.Machine.Clear(_scene.Now);

        Put(request: 2, first: 1, items: 6, oldestOpen: 1, age: 10);

        Assert.Equal(["Ann 2: Accepted 6"], _scene.Told());
        Assert.Equal(2, _scene.Counts.Ready);
    }

    [Fact]
    public void Put_RefusedBeforeAnotherWasAccepted_IsStillRefused()
    {
        Put(request: 1, first: 1, items: 4);
        Put(request: 2, first: 5, items: 1, oldestOpen: 5, wait: 0);
        _scene.Machine.Clear(_scene.Now);
        Put(request: 3, first: 6, items: 1, oldestOpen: 5);
        Assert.Equal(["Ann 1: Accepted 4", "Ann 2: Full", "Ann 3: Accepted 1"], _scene.Told());

        // Both answers were lost.
        Put(request: 4, first: 5, items: 1, oldestOpen: 5, age: 10);
        Put(request: 5, first: 6, items: 1, oldestOpen: 5, age: 10);

        Assert.Equal(["Ann 4: Full", "Ann 5: Accepted 1"], _scene.Told());
        Assert.Equal(1, _scene.Counts.Ready);
    }

    [Fact]
    public void Put_ComesAgainWhileItWaitsOnAConnectionThatIsGone_IsAcceptedOnce()
    {
        Put(request: 1, first: 1, items: 4);
        Put(request: 2, first: 5, items: 1);
        Put(request: 1, first: 5, items: 1, age: 10, who: _scene.Bob);
        Assert.Equal(["Ann 1: Accepted 4"], _scene.Told());

        _scene.Machine.Clear(_scene.Now);

        Assert.Equal(["Ann 2: Accepted 1", "Bob 1: Accepted 1"], _scene.Told());
        Assert.Equal(1, _scene.Counts.Ready);
    }

    [Fact]
    public void Put_ThatComesAgainAfterTheQueueWasCompleted_IsAcceptedIfItWas()
    {
        Put(request: 1, first: 1, items: 2);
        _scene.Machine.Complete(discard: false, _scene.Now);
        _scene.Told();

        Put(request: 2, first: 1, items: 2, age: 10);
        Put(request: 3, first: 3, items: 1, age: 10);

        Assert.Equal(["Ann 2: Accepted 2", "Ann 3: Completed"], _scene.Told());
    }

    [Fact]
    public void Restore_ProducersOfTheLastLife_AreKnown()
    {
        var machine = new QueueMachine(new QueueSettings(), new Memory(), remembers: true);
        machine.Put(machine.Attach(), 1, Batches.OfBytes(1, 2), Timed.Never, 1000, new PutNumber(Client, 1, 1));
        var kept = machine.Changes!.Single(change => change.Kind == ChangeKind.Numbered).Producer!;

        var next = new QueueMachine(new QueueSettings(), new Memory(), remembers: true);
        next.Restore(new StoredQueue("jobs", new QueueSettings()) { LastSequence = 2, Producers = [kept] }, 5000);
        next.Put(next.Attach(), 1, Batches.OfBytes(1, 2, 3), Timed.Never, 5000, new PutNumber(Client, 1, 1, Age: 4000));

        Assert.Equal((EffectKind.Accepted, 3), next.Effects.Select(effect => (effect.Kind, effect.Count)).Single());
        Assert.Equal(1, next.Count(5000).Ready);
    }

    [Fact]
    public void Producers_MoreThanAreRemembered_TheOldestIsForgotten_AndComesTooLate()
    {
        var machine = new QueueMachine(new QueueSettings(), new Memory());
        var who = machine.Attach();
        for (var i = 0; i <= QueueMachine.ProducersMax; i++)
        {
            machine.Put(who, (ulong)i + 1, Batches.OfBytes(1), Timed.Never, 1000 + i, NumberOf(i));
        }

        var now = 1000 + QueueMachine.ProducersMax + 50;
        Assert.True(machine.IsTooLate(NumberOf(0) with { Age = now - 1000 }, now));
        Assert.False(machine.IsTooLate(NumberOf(0), now), "it is sent for the first time");
        Assert.False(machine.IsTooLate(NumberOf(QueueMachine.ProducersMax) with { Age = now - 1000 }, now), "it is known");
        Assert.False(machine.IsTooLate(NumberOf(QueueMachine.ProducersMax + 1) with { Age = 10 }, now), "nobody who put something since then was forgotten");
    }

    [Fact]
    public void IsGone_TakenHeldReadyAndUnheardOf_IsSoForWhatWasDoneWithOnly()
    {
        _scene.Put(_scene.Ann, 1, items: 3);
        var token = Assert.Single(_scene.TakeLeases(_scene.Ann, 1));
        Assert.Equal([false, false, false, false], Sequences.Select(_scene.Machine.IsGone));

        _scene.Machine.Ack(_scene.Ann, token, _scene.Now);

        Assert.Equal([true, false, false, false], Sequences.Select(_scene.Machine.IsGone));
    }

    private static long[] Sequences => [1, 2, 3, 4];

    private static PutNumber NumberOf(int client) => new(new Guid(client, 0, 0, new byte[8]), 1, 1);

    private void Put(ulong request, long first, int items, long oldestOpen = 1, long age = 0, long wait = Timed.Never, Attachment? who = null) => _scene.Machine.Put(
        who ?? _scene.Ann, request, Batches.OfBytes([.. Enumerable.Range(0, items).Select(i => (byte)(first + i))]),
        wait == Timed.Never ? wait : _scene.Now + wait, _scene.Now, new PutNumber(Client, first, oldestOpen, age));
}
