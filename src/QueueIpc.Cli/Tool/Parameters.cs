using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace QueueIpc.Cli.Tool;

/// <summary>Arguments and options that more than one command has; the same words everywhere.</summary>
internal static class Parameters
{
    /// <summary>Some 46 days: timers take no more than 2³² ms.</summary>
    private const double SecondsMax = 4_000_000;

    public static Argument<string> Queue() => new("queue") { Description = "The queue's name." };

    /// <summary>A time from <paramref name="min"/> on. The parser by itself would say the names of .NET's types.</summary>
    public static Option<double?> Seconds(string name, string description, double min, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "seconds",
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= min && seconds <= SecondsMax)
            {
                return seconds;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is a number of seconds, {min} to {SecondsMax}, and not '{result.Tokens[0].Value}'."));
            return null;
        },
    };

    public static Option<long?> Count(string name, string description, long min, params string[] aliases) => Count(name, description, min, max: long.MaxValue, aliases);

    /// <summary>What does not fit is refused, and not taken for the largest that does.</summary>
    public static Option<long?> Count(string name, string description, long min, long max, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "n",
        CustomParser = result => Whole(result, name, min, max),
    };

    /// <summary>The number of an item, as lists show it.</summary>
    public static Argument<long?> Sequence(string name, string description) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count == 0 ? null : Whole(result, name, min: 1),
    };

    /// <summary>Numbers of items, one each time that the option is said.</summary>
    public static Option<long[]> Sequences(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "n",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result =>
        {
            var numbers = new List<long>();
            foreach (var token in result.Tokens)
            {
                if (!long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                {
                    result.AddError($"{name} is a whole number, 1 or more, and not '{token.Value}'.");
                    return [];
                }

                numbers.Add(number);
            }

            return [.. numbers];
        },
        DefaultValueFactory = _ => [],
    };

    public static TimeSpan? Time(double? seconds) => seconds is null ? null : TimeSpan.FromSeconds(seconds.Value);

    private static long? Whole(ArgumentResult result, string name, long min, long max = long.MaxValue)
    {
        var said = result.Tokens[0].Value;
        if (long.TryParse(said, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        result.AddError($"{name} is a whole number, {min} {(max == long.MaxValue ? "or more" : $"to {max}")}, and not '{said}'.");
        return null;
    }
}
