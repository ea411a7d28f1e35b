using System.Globalization;

namespace QueueIpc.Cli.Output;

/// <summary>Numbers and times as people read them; the same everywhere.</summary>
internal static class Words
{
    public static string Count(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? string.Empty : "s")}";

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Number(double number) => number.ToString(number < 10 ? "0.#" : "0", CultureInfo.InvariantCulture);

    public static string Seconds(double seconds) => $"{seconds.ToString("0.###", CultureInfo.InvariantCulture)} s";

    /// <summary>An age in its two largest units: 0.4s, 12s, 3m20s, 2h05m, 3d04h.</summary>
    public static string Age(TimeSpan age) =>
        age < TimeSpan.FromSeconds(10) ? $"{age.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)}s"
        : age < TimeSpan.FromMinutes(1) ? $"{age.Seconds}s"
        : age < TimeSpan.FromHours(1) ? $"{age.Minutes}m{age.Seconds:00}s"
        : age < TimeSpan.FromDays(1) ? $"{age.Hours}h{age.Minutes:00}m"
        : $"{age.Days}d{age.Hours:00}h";

    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes}B",
        < 10_000_000 => $"{bytes / 1024}K",
        < 10_000_000_000 => $"{bytes / (1024 * 1024)}M",
        _ => $"{bytes / (1024 * 1024 * 1024)}G",
    };
}
