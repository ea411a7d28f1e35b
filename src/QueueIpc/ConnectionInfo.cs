namespace QueueIpc;

/// <summary>One client of a broker: who it is, what it holds and what it waits for, all of one moment.</summary>
/// <param name="ProcessId">The client's process, as it said in its greeting.</param>
/// <param name="Program">The name of the program which that process runs, or <see cref="WorkerOptions.Name"/> of a worker that has one; empty when the process is gone or the system does not tell.</param>
/// <param name="User">The user of that process. It is the broker's own: no other can connect.</param>
/// <param name="Age">How long it has been connected.</param>
/// <param name="OpenQueues">How many queues it has open.</param>
/// <param name="Queues">Those of them on which it holds or waits for something.</param>
public sealed record ConnectionInfo(int ProcessId, string Program, string User, TimeSpan Age, int OpenQueues, IReadOnlyList<ConnectionQueueInfo> Queues);

/// <summary>What one client holds of one queue, and waits for there.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Held">How many items were delivered to it and are not settled: leased, or got and not yet confirmed, or read ahead.</param>
/// <param name="WaitingGets">How many of its calls wait for an item. A prefetching reader that still has room counts as one.</param>
/// <param name="WaitingPuts">How many of its calls wait for room.</param>
/// <param name="WaitingJoins">How many of its calls wait until everything is finished.</param>
public sealed record ConnectionQueueInfo(string Name, int Held, int WaitingGets, int WaitingPuts, int WaitingJoins);
