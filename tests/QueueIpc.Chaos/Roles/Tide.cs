namespace QueueIpc.Chaos.Roles;

/// <summary>
/// Low water and high water, the same for all processes at the same time: for a while nobody puts, and calls that wait for items run out of time;
/// for a while nobody gets, and calls that wait for room do. Without it, the next item would end most calls before their timeout could.
/// </summary>
internal static class Tide
{
    private const long Period = 12_000_000;
    private const long Lasts = 2_000_000;
    private const long HighWaterFrom = Period / 2;

    /// <summary>Whether there is none in this process.</summary>
    public static bool IsCalm { get; set; }

    public static void WaitWhileLow() => WaitWhileWithin(0);

    public static void WaitWhileHigh() => WaitWhileWithin(HighWaterFrom);

    private static void WaitWhileWithin(long from)
    {
        if (IsCalm)
        {
            return;
        }

        var now = Clock.Now;
        var begun = now - (now % Period) + from;
        if (now >= begun && now < begun + Lasts)
        {
            Clock.WaitUntil(begun + Lasts);
        }
    }
}
