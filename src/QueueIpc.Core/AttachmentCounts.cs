namespace QueueIpc.Core;

/// <summary>What one client holds of a queue and waits for there, at one moment. A reader that still has room counts as one waiting get.</summary>
internal readonly record struct AttachmentCounts(int Held, int WaitingGets, int WaitingPuts, int WaitingJoins)
{
    public bool IsIdle => this == default;
}
