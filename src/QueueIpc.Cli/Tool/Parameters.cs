using System.CommandLine;

namespace QueueIpc.Cli.Tool;

/// <summary>Arguments and options that more than one command has; the same words everywhere.</summary>
internal static class Parameters
{
    public static Argument<string> Queue() => new("queue") { Description = "The queue's name." };

    public static Option<double?> Seconds(string name, string description, params string[] aliases)
    {
        var option = new Option<double?>(name, aliases) { Description = description, HelpName = "seconds" };
        option.Validators.Add(result =>
        {
            // What is no number at all is refused by the parser.
            if (result.Tokens is [var token] && double.TryParse(token.Value, out var seconds) && seconds is not (>= 0 and <= 1e9))
            {
                result.AddError($"{name} is a number of seconds, 0 or more.");
            }
        });
        return option;
    }

    public static Option<long?> Count(string name, string description, long min, params string[] aliases)
    {
        var option = new Option<long?>(name, aliases) { Description = description, HelpName = "n" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && long.TryParse(token.Value, out var count) && count < min)
            {
                result.AddError($"{name} is {min} or more.");
            }
        });
        return option;
    }

    public static TimeSpan? Time(double? seconds) => seconds is null ? null : TimeSpan.FromSeconds(seconds.Value);
}
