namespace QueueIpc;

/// <summary>The machine's date, for what must mean something after a restart. It can be set: nothing that waits goes by it.</summary>
internal static class WallClock
{
#pragma warning disable RS0030 // This is the one place for it.
    /// <summary>Microseconds since 1970.</summary>
    public static long UnixMicros => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
#pragma warning restore RS0030
}
