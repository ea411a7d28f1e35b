namespace QueueIpc.Core.Tests.Support;

/// <summary>The states of an item, as the drawing of its life names them.</summary>
public enum ItemState
{
    Ready,
    Delayed,
    Held,
    Dead,
    Gone,
}
