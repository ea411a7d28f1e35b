namespace QueueIpc.Core;

/// <summary>One client's connection to one queue: what it waits for and what it holds. When it goes, all of that is undone.</summary>
internal sealed class Attachment(object? tag, IWaitingPuts? waitingPuts = null, ClientShare? share = null)
{
    /// <summary>Whatever the caller needs to find its client again.</summary>
    public object? Tag { get; } = tag;

    /// <summary>Who wants to know of its puts that wait.</summary>
    public IWaitingPuts? WaitingPuts { get; } = waitingPuts;

    /// <summary>What its client has of this queue, here and under other numbers.</summary>
    public ClientShare Share { get; } = share ?? new();

    /// <summary>The queue's LeaseTime when this client opened it, by which it keeps its leases alive; 0 is for ever.</summary>
    public long LeaseTime { get; init; }

    /// <summary>The requests that were not answered yet, by request id.</summary>
    public Dictionary<ulong, Waiter> Waiters { get; } = [];

    /// <summary>What it holds, in order of delivery.</summary>
    public Hold? FirstHold { get; private set; }

    /// <summary>How many items it holds under tokens: all but those that a reader took ahead.</summary>
    public int Holds { get; private set; }

    private Hold? LastHold { get; set; }

    public void Begin(Waiter waiter)
    {
        Waiters.Add(waiter.Request, waiter);
        Share.Waits++;
    }

    public void End(Waiter waiter)
    {
        Waiters.Remove(waiter.Request);
        Share.Waits--;
    }

    public void Link(Hold hold)
    {
        hold.Owner = this;
        hold.Previous = LastHold;
        hold.Next = null;
        if (LastHold is null)
        {
            FirstHold = hold;
        }
        else
        {
            LastHold.Next = hold;
        }

        LastHold = hold;
        Holds++;
        Share.Holds++;
    }

    public void Unlink(Hold hold)
    {
        if (hold.Previous is null)
        {
            FirstHold = hold.Next;
        }
        else
        {
            hold.Previous.Next = hold.Next;
        }

        if (hold.Next is null)
        {
            LastHold = hold.Previous;
        }
        else
        {
            hold.Next.Previous = hold.Previous;
        }

        Holds--;
        Share.Holds--;
        hold.Owner = null;
        hold.Previous = hold.Next = null;
    }
}
