namespace QueueIpc.Core;

/// <summary>How much of one queue one client has, under however many numbers it has opened it: what its limits are about.</summary>
/// <param name="holdsMax">How many items it may hold.</param>
internal sealed class ClientShare(int holdsMax = int.MaxValue)
{
    public int HoldsMax => holdsMax;

    /// <summary>Under how many numbers it has the queue open.</summary>
    public int Numbers { get; set; }

    /// <summary>How many of its requests wait.</summary>
    public int Waits { get; set; }

    /// <summary>How many items it holds, with those that its readers took ahead.</summary>
    public int Holds { get; set; }

    public int MayHold => HoldsMax - Holds;

    public bool IsFull => MayHold <= 0;
}
