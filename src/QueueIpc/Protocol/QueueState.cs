namespace QueueIpc.Protocol;

/// <summary>Whether a queue goes on, as QueueInfos says it.</summary>
internal enum QueueState : byte
{
    Open = 0,

    /// <summary>Completed, and something is left.</summary>
    Draining = 1,

    /// <summary>Completed, and nothing is left.</summary>
    Completed = 2,
}
