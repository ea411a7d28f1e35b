namespace QueueIpc.Core.Tests.Support;

internal static class Peeking
{
    /// <summary>The first item that is ready; false if there is none.</summary>
    public static bool TryPeek(this QueueMachine machine, out Item item)
    {
        machine.TryPeek(1, long.MaxValue, out var items);
        item = items.Count > 0 ? items[0] : default;
        return items.Count > 0;
    }
}
