namespace QueueIpc.Broker;

/// <summary>One queue as one session has it open; the tag by which the machine's effects find their way back.</summary>
internal sealed record SessionQueue(BrokerSession Session, uint Id);
