namespace QueueIpc.Core;

/// <summary>A line of waiters in order of arrival, which any of them may leave at any time.</summary>
internal sealed class WaitLine
{
    public int Count { get; private set; }

    public Waiter? First { get; private set; }

    private Waiter? Last { get; set; }

    public void Join(Waiter waiter)
    {
        waiter.Line = this;
        waiter.Previous = Last;
        waiter.Next = null;
        if (Last is null)
        {
            First = waiter;
        }
        else
        {
            Last.Next = waiter;
        }

        Last = waiter;
        Count++;
    }

    public void Leave(Waiter waiter)
    {
        if (waiter.Previous is null)
        {
            First = waiter.Next;
        }
        else
        {
            waiter.Previous.Next = waiter.Next;
        }

        if (waiter.Next is null)
        {
            Last = waiter.Previous;
        }
        else
        {
            waiter.Next.Previous = waiter.Previous;
        }

        waiter.Line = null;
        waiter.Previous = waiter.Next = null;
        Count--;
    }
}
