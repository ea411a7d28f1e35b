namespace QueueIpc.Dashboard;

/// <summary>The broker at one moment. With a problem, it is what was seen last.</summary>
internal sealed record BrokerView(string? Problem, IReadOnlyList<QueueRow> Queues, IReadOnlyList<ConnectionInfo> Connections, int BrokerProcessId)
{
    public QueueRow? Find(string name) => Queues.FirstOrDefault(row => row.Info.Name == name);
}

/// <summary>One queue, and what it was like. The history is null of queues beyond the number that is remembered.</summary>
internal sealed record QueueRow(QueueInfo Info, QueueHistory? History)
{
    private static readonly TimeSpan LongTime = TimeSpan.FromMinutes(1);

    public string Title => Info.Label.Length > 0 ? Info.Label : Info.Name;

    public Sample Now => History?.Last ?? default;

    public string State => Info.IsCompleted ? "completed" : Info.IsDraining ? "draining" : "open";

    /// <summary>What somebody should look at, in words; null when all is well.</summary>
    public string? Attention =>
        Info.Dead > 0 ? "dead items"
        : Info.WaitingPuts > 0 ? "full: puts wait"
        : Info.Ready > 0 && Info.OldestAge > LongTime && Info.Leased == 0 && Info.WaitingGets == 0 ? "nobody takes"
        : Info.Ready > 0 && Info.OldestAge > LongTime ? "slow"
        : null;

    /// <summary>The worst comes first.</summary>
    public int Badness => Attention switch { "dead items" => 4, "full: puts wait" => 3, "nobody takes" => 2, "slow" => 1, _ => 0 };
}
