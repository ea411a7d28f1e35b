namespace QueueIpc.Core;

/// <summary>How much of one queue one client has, under however many numbers it has opened it: what its limits are about.</summary>
internal sealed class ClientShare
{
    /// <summary>Under how many numbers it has the queue open.</summary>
    public int Numbers { get; set; }

    /// <summary>How many of its requests wait.</summary>
    public int Waits { get; set; }

    /// <summary>How many items it holds, apart from those that a reader took ahead.</summary>
    public int Holds { get; set; }
}
