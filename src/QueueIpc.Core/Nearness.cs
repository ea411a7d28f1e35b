namespace QueueIpc.Core;

/// <summary>How much of a queue that is kept on a disk is in memory as well, in bytes of items as they travel.</summary>
/// <param name="KeptBytes">What is put keeps its bytes in memory while the queue has no more of them: readers that keep up need no disk.</param>
/// <param name="AheadBytes">So much at the head is read ahead. More is asked for when half of it is left.</param>
internal sealed record Nearness(long KeptBytes, long AheadBytes);

/// <summary>These items should be brought: so many, from the first sequence number to the last.</summary>
internal readonly record struct Reading(long First, long Last, int Count);
