using CsCheck;

namespace QueueIpc.Core.Tests;

public sealed class HoldTableTests
{
    [Fact]
    public void Find_HeldByTheCaller_IsFound()
    {
        var table = new HoldTable();
        var owner = new Attachment(null);
        var hold = table.AddHeld(NewItem(1), owner, lease: true, inHand: false);

        var found = table.Find(hold.Token, owner);

        Assert.Same(hold, found);
        Assert.Equal((1, 0), (table.Held, table.Delayed));
    }

    [Fact]
    public void Find_HeldByAnother_IsNotFound()
    {
        var table = new HoldTable();
        var hold = table.AddHeld(NewItem(1), new Attachment(null), lease: true, inHand: false);

        var found = table.Find(hold.Token, new Attachment(null));

        Assert.Null(found);
    }

    [Fact]
    public void Find_DelayedItem_IsNotFound()
    {
        var table = new HoldTable();
        var hold = table.AddDelayed(NewItem(1));

        var found = table.Find(hold.Token, new Attachment(null));

        Assert.Null(found);
    }

    [Fact]
    public void Find_AfterRemove_IsNotFound()
    {
        var table = new HoldTable();
        var owner = new Attachment(null);
        var hold = table.AddHeld(NewItem(1), owner, lease: true, inHand: false);
        table.Remove(hold);

        var found = table.Find(hold.Token, owner);

        Assert.Null(found);
    }

    [Fact]
    public void Find_PlaceIsUsedAgain_OldTokenFitsNoMore()
    {
        var table = new HoldTable();
        var owner = new Attachment(null);
        var old = table.AddHeld(NewItem(1), owner, lease: true, inHand: false);
        var oldToken = old.Token;
        table.Remove(old);
        var next = table.AddHeld(NewItem(2), owner, lease: true, inHand: false);

        var found = table.Find(oldToken, owner);

        Assert.Null(found);
        Assert.Equal((old.Index, 2L), (next.Index, table.Find(next.Token, owner)!.Item.Sequence));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(uint.MaxValue)]
    [InlineData(ulong.MaxValue)]
    public void Find_TokenNeverGiven_IsNotFound(ulong token)
    {
        var table = new HoldTable();
        var owner = new Attachment(null);
        table.AddHeld(NewItem(1), owner, lease: true, inHand: false);

        var found = table.Find(token, owner);

        Assert.Null(found);
    }

    [Fact]
    public void Remove_Held_GivesTheItemAndLeavesItsOwner()
    {
        var table = new HoldTable();
        var owner = new Attachment(null);
        var hold = table.AddHeld(NewItem(5), owner, lease: true, inHand: false);

        var item = table.Remove(hold);

        Assert.Equal((5L, 0), (item.Sequence, table.Held));
        Assert.Null(owner.FirstHold);
        Assert.Null(hold.Owner);
    }

    [Fact]
    public void Remove_AnyOfSeveral_KeepsTheOwnersOthersInOrder()
    {
        var table = new HoldTable();
        var owner = new Attachment(null);
        var holds = Enumerable.Range(1, 5).Select(i => table.AddHeld(NewItem(i), owner, lease: true, inHand: false)).ToArray();
        table.Remove(holds[0]);
        table.Remove(holds[2]);

        table.Remove(holds[4]);

        Assert.Equal([2, 4], SequencesOf(owner));
    }

    [Fact]
    public void InUse_HeldDelayedAndFree_ShowsTheFirstTwo()
    {
        var table = new HoldTable();
        var owner = new Attachment(null);
        var gone = table.AddHeld(NewItem(1), owner, lease: true, inHand: false);
        table.AddHeld(NewItem(2), owner, lease: true, inHand: false);
        table.AddDelayed(NewItem(3));
        table.Remove(gone);

        var inUse = table.InUse.Select(hold => hold.Item.Sequence);

        Assert.Equal([2, 3], inUse);
    }

    [Fact]
    public void AddAndRemove_AnyOrder_DoesWhatADictionaryDoes() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 1000]).Array[0, 200].Sample(
            steps =>
            {
                var table = new HoldTable();
                Attachment[] owners = [new(0), new(1), new(2)];
                var held = new List<(ulong Token, int Owner, long Sequence)>();
                var ended = new HashSet<ulong>();
                var sequence = 0L;
                foreach (var (adds, owner, which) in steps)
                {
                    if (adds || held.Count == 0)
                    {
                        var added = table.AddHeld(NewItem(++sequence), owners[owner], lease: true, inHand: false);
                        Assert.DoesNotContain(added.Token, ended);
                        held.Add((added.Token, owner, sequence));
                        continue;
                    }

                    var (token, by, one) = held[which % held.Count];
                    Assert.Equal(one, table.Remove(table.Find(token, owners[by])!).Sequence);
                    held.RemoveAt(which % held.Count);
                    ended.Add(token);
                }

                Assert.Equal(held.Count, table.Held);
                Assert.All(ended, token => Assert.All(owners, owner => Assert.Null(table.Find(token, owner))));
                foreach (var index in Enumerable.Range(0, owners.Length))
                {
                    Assert.Equal(held.Where(one => one.Owner == index).Select(one => one.Sequence), SequencesOf(owners[index]));
                }
            },
            iter: 1_000);

    private static List<long> SequencesOf(Attachment owner)
    {
        var sequences = new List<long>();
        for (var hold = owner.FirstHold; hold is not null; hold = hold.Next)
        {
            sequences.Add(hold.Item.Sequence);
        }

        return sequences;
    }

    private static Item NewItem(long sequence) => new([], 0, 0, sequence, putAt: 0, failures: 0);
}
