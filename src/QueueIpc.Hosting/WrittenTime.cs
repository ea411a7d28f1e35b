using System.Globalization;

namespace QueueIpc.Hosting;

/// <summary>Times as people write them into a configuration, and what .NET takes them for.</summary>
internal static class WrittenTime
{
    private const string Form = "Write hours:minutes:seconds";

    /// <summary>What is wrong with it: it cannot be read, or hardly anybody means what .NET reads. Null when nothing is.</summary>
    public static string? ProblemOf(string text)
    {
        if (int.TryParse(text, CultureInfo.InvariantCulture, out var number))
        {
            return number switch
            {
                0 => null,
                < 0 => $"is '{text}', which .NET takes for days. {Form}; where 'for ever' is possible, it is -00:00:00.001.",
                _ => $"is '{text}', which .NET takes for days. {Form}, as in {TimeSpan.FromSeconds(number):c}, or {number}.00:00:00 if it is days.",
            };
        }

        if (!TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time))
        {
            return $"is '{text}', and that is no time. {Form}, as in 00:01:30 for a minute and a half; hours are 23 at most, minutes and seconds 59, and 1.00:00:00 is a day.";
        }

        // 23:00:00 are hours; what is more than 23 there, .NET takes for days:hours:minutes.
        return text.Split(':') is [var first, _, _] && !first.Contains('.', StringComparison.Ordinal) && time.Days != 0
            ? $"is '{text}', which .NET takes for {time.Duration().Days} days. {Form} with 23 hours at most, and days before them with a point: {Meant(time):c} if it is {time.Duration().Days} hours, or {time:c} if it is days."
            : null;
    }

    /// <summary>With its days, hours and minutes as hours, minutes and seconds.</summary>
    private static TimeSpan Meant(TimeSpan read) => new(read.Days, read.Hours, read.Minutes);
}
