namespace QueueIpc;

/// <summary>An item that somebody holds: it was delivered, and is not settled.</summary>
/// <param name="Sequence">The item's place in the queue, counted from 1 by the broker as it accepted items.</param>
/// <param name="Failures">How often it has failed before.</param>
/// <param name="Bytes">Its size as serialised.</param>
/// <param name="Age">How long it has been held.</param>
/// <param name="LeaseLeft">How long its lease lasts unless it is extended; null when it has no end, or the item was taken and its receipt is not confirmed yet.</param>
/// <param name="IsInHand">Whether it counts as handed over to the holder's code, as opposed to read ahead or on its way.</param>
/// <param name="ProcessId">The process of its holder, as that said.</param>
/// <param name="Program">What that process runs; empty when the broker is not told.</param>
public sealed record HeldItem(long Sequence, int Failures, int Bytes, TimeSpan Age, TimeSpan? LeaseLeft, bool IsInHand, int ProcessId, string Program);
