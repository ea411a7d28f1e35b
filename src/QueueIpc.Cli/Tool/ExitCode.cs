namespace QueueIpc.Cli.Tool;

/// <summary>What the tool tells the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It was no mistake, and yet it did not come to that: empty, timed out, completed, refused, a check failed.</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    public const int NoBroker = 3;

    /// <summary>What shells expect of a program that Ctrl+C has ended in the middle.</summary>
    public const int Interrupted = 130;
}
