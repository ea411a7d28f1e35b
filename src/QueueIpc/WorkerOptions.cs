using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace QueueIpc;

/// <summary>How a <see cref="WorkerProcess"/> is started. What is not set is as in this process.</summary>
public sealed record WorkerOptions
{
    /// <summary>What people call it: 1 to 128 characters, no control characters. The tool's and the dashboard's lists of connections show it, instead of the program's name.</summary>
    public string? Name { get; set; }

    /// <summary>The directory that it works in.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables that it has besides those of this process; null takes one away.</summary>
    public IDictionary<string, string?> Environment { get; set; } = new Dictionary<string, string?>();

    /// <summary>Told each line that it writes to its standard output, by a thread of its own. It must not throw.</summary>
    public Action<string>? Output { get; set; }

    /// <summary>Told each line that it writes to its standard error, by a thread of its own. It must not throw.</summary>
    public Action<string>? Errors { get; set; }

    /// <summary>Gets each line of its standard output as information, and of its standard error as a warning, where <see cref="Output"/> and <see cref="Errors"/> are not set.</summary>
    public ILogger? Logger { get; set; }

    /// <summary>How urgent it is for the system. More urgent than this process needs rights on Unix.</summary>
    public ProcessPriorityClass? Priority { get; set; }

    /// <summary>Whether it reads the standard input of this process; otherwise it finds the end there at once.</summary>
    public bool InheritsInput { get; set; }

    /// <summary>Says what is wrong with the options, if anything is. Starting a worker with them does it too.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Validate()
    {
        if (Name is not null && QueueNames.Problem(Name) is { } problem)
        {
            throw new ArgumentException(problem.Replace("A queue's name", "A worker's name", StringComparison.Ordinal), nameof(Name));
        }

        if (WorkingDirectory is not null && !Directory.Exists(WorkingDirectory))
        {
            throw new ArgumentException($"There is no directory '{WorkingDirectory}' for a worker to work in.", nameof(WorkingDirectory));
        }
    }
}
