namespace QueueIpc.Core;

/// <summary>An item that is dead: it failed too often, or its consumer said so.</summary>
internal readonly record struct DeadLetter(Item Item, string Reason, long DiedAt);
