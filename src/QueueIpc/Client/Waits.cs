using QueueIpc.Protocol;

namespace QueueIpc.Client;

/// <summary>Timeouts as users give them, and as they travel.</summary>
internal static class Waits
{
    /// <summary>Microseconds, or <see cref="ProtocolLimits.Forever"/>.</summary>
    public static long Micros(TimeSpan timeout, string parameter = "timeout")
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return ProtocolLimits.Forever;
        }

        return timeout >= TimeSpan.Zero
            ? (timeout.Ticks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond
            : throw new ArgumentOutOfRangeException(parameter, timeout, "A timeout is zero or more, or Timeout.InfiniteTimeSpan.");
    }

    public static long ToMicros(this TimeSpan time) => time == Timeout.InfiniteTimeSpan ? 0 : time.Ticks / TimeSpan.TicksPerMicrosecond;

    public static TimeSpan FromMicros(long micros) => TimeSpan.FromTicks(micros * TimeSpan.TicksPerMicrosecond);
}
