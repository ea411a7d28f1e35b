using System.CommandLine;

namespace QueueIpc.Cli.Tool;

/// <summary>One command: what it is for, an example of it, and what it does.</summary>
internal sealed class ToolCommand : Command
{
    public ToolCommand(string name, string description, string example, Func<Invocation, Task<int>> run, params Symbol[] parameters)
        : base(name, description)
    {
        Examples = example;
        foreach (var parameter in parameters)
        {
            if (parameter is Argument argument)
            {
                Add(argument);
            }
            else
            {
                Add((Option)parameter);
            }
        }

        SetAction(parsed => Invocation.RunAsync(parsed, run));
    }

    /// <summary>A command that does its work at once, without waiting for anything but the broker.</summary>
    public ToolCommand(string name, string description, string example, Func<Invocation, int> run, params Symbol[] parameters)
        : this(name, description, example, invocation => Task.FromResult(run(invocation)), parameters)
    {
    }

    public string Examples { get; }

    /// <summary>What does not fit into one line.</summary>
    public string Details { get; init; } = string.Empty;
}
