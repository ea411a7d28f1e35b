namespace QueueIpc.Core;

/// <summary>
/// All holds of a queue, found by token without a dictionary: a token is a slot and the slot's generation,
/// so that one of the past never fits again.
/// </summary>
/// <param name="firstGeneration">Where the generations begin: with a random one, no token is one of an earlier life of the same queue.</param>
internal sealed class HoldTable(uint firstGeneration = 0)
{
    private readonly Stack<int> _free = new();
    private Hold[] _slots = [];
    private int _used;

    public int Held { get; private set; }

    public int Delayed { get; private set; }

    /// <summary>Every hold in use; for sweeping when a queue ends.</summary>
    public IEnumerable<Hold> InUse => _slots.Take(_used).Where(hold => hold.State != HoldState.Free);

    public Hold AddHeld(in Item item, Attachment owner, bool lease, bool inHand)
    {
        var hold = Rent(item, HoldState.Held);
        hold.Lease = lease;
        hold.InHand = inHand;
        owner.Link(hold);
        Held++;
        return hold;
    }

    public Hold AddDelayed(in Item item)
    {
        Delayed++;
        return Rent(item, HoldState.Delayed);
    }

    public Hold? Find(ulong token, Attachment owner)
    {
        var index = (uint)token;
        if (index >= (uint)_used)
        {
            return null;
        }

        var hold = _slots[index];
        return hold.Token == token && hold.State == HoldState.Held && ReferenceEquals(hold.Owner, owner) ? hold : null;
    }

    public Item Remove(Hold hold)
    {
        if (hold.State == HoldState.Held)
        {
            hold.Owner!.Unlink(hold);
            Held--;
        }
        else
        {
            Delayed--;
        }

        var item = hold.Item;
        hold.Item = default;
        hold.State = HoldState.Free;
        _free.Push(hold.Index);
        return item;
    }

    private Hold Rent(in Item item, HoldState state)
    {
        var hold = _free.TryPop(out var index) ? _slots[index] : AddSlot();
        hold.Generation++;
        hold.Item = item;
        hold.State = state;
        return hold;
    }

    private Hold AddSlot()
    {
        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, Math.Max(4, _used * 2));
        }

        return _slots[_used] = new Hold(_used++) { Generation = firstGeneration };
    }
}
