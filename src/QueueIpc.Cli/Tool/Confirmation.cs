using System.CommandLine;

namespace QueueIpc.Cli.Tool;

/// <summary>What cannot be undone is asked for, or was agreed to with --yes.</summary>
internal static class Confirmation
{
    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Do not ask." };

    /// <summary>Throws unless it was agreed to.</summary>
    public static void Require(bool agreed, string what)
    {
        if (agreed)
        {
            return;
        }

        if (Console.IsInputRedirected)
        {
            throw new UsageException($"this would {what}, and nobody is there to ask. Say --yes if that is wanted.");
        }

        Console.Error.Write($"This will {what}. Go on? [y/N] ");
        if (Console.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new ToolException("nothing was changed.");
        }
    }
}
