namespace QueueIpc;

/// <summary>What the dashboard shows, and what may be done there.</summary>
public sealed class QueueIpcDashboardOptions
{
    /// <summary>The endpoint or the name of the broker; null (the default) is the environment variable QUEUEIPC_ENDPOINT, or else the broker of this host.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Whether queues can be changed: dead items redriven or deleted, queues cleared, completed and deleted. False by default.</summary>
    public bool AllowChanges { get; set; }

    /// <summary>Whether the content of items can be seen, also of dead ones. False by default: it may be what not everyone may read who looks at queues.</summary>
    public bool ShowItems { get; set; }
}
