namespace QueueIpc.Cli.Tool;

/// <summary>The command does not end as it should; the message is for people.</summary>
internal class ToolException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int Code { get; } = exitCode;
}
