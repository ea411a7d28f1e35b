namespace QueueIpc.Core;

/// <summary>An item that a client holds: for how long now, and how much of its lease is left, in microseconds; -1 is a lease without end, or an item that is taken and not yet confirmed.</summary>
internal readonly record struct Holding(Item Item, Attachment Holder, long HeldFor, long LeaseLeft, bool InHand);
