using System.ComponentModel;
using System.Diagnostics;

namespace QueueIpc.Workers;

/// <summary>The surroundings of a worker as its options want them: before it is started, and just after.</summary>
internal static class WorkerStreams
{
    public static void Prepare(ProcessStartInfo info, WorkerOptions options)
    {
        foreach (var (name, value) in options.Environment)
        {
            if (name == ThisProgram.HooksVariable)
            {
                info.Environment[name] = ThisProgram.WithOurHook(value);
            }
            else if (value is null)
            {
                info.Environment.Remove(name);
            }
            else
            {
                info.Environment[name] = value;
            }
        }

        info.WorkingDirectory = options.WorkingDirectory ?? string.Empty;
        info.RedirectStandardInput = !options.InheritsInput;
        info.RedirectStandardOutput = OutputOf(options) is not null;
        info.RedirectStandardError = ErrorsOf(options) is not null;
    }

    public static void Attach(Process process, WorkerOptions options)
    {
        if (!options.InheritsInput)
        {
            // What is typed, or piped, is for this process: a worker that reads finds the end.
            process.StandardInput.Close();
        }

        if (OutputOf(options) is { } output)
        {
            var reader = process.StandardOutput;
            BackgroundThread.Start("QueueIpc output", () => Read(reader, output));
        }

        if (ErrorsOf(options) is { } errors)
        {
            var reader = process.StandardError;
            BackgroundThread.Start("QueueIpc errors", () => Read(reader, errors));
        }

        if (options.Priority is { } priority)
        {
            SetPriority(process, priority);
        }
    }

    private static Action<string>? OutputOf(WorkerOptions options) =>
        options.Output ?? (options.Logger is { } logger ? line => Log.WorkerOutput(logger, line) : null);

    private static Action<string>? ErrorsOf(WorkerOptions options) =>
        options.Errors ?? (options.Logger is { } logger ? line => Log.WorkerErrors(logger, line) : null);

    private static void SetPriority(Process process, ProcessPriorityClass priority)
    {
        try
        {
            process.PriorityClass = priority;
        }
        catch (InvalidOperationException) when (process.HasExited)
        {
            // It was quicker.
        }
        catch (Win32Exception e)
        {
            process.Kill();
            throw new UnauthorizedAccessException($"A worker cannot have the priority {priority}: {e.Message}", e);
        }
    }

    private static void Read(StreamReader reader, Action<string> tell)
    {
        try
        {
            while (reader.ReadLine() is { } line)
            {
                tell(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The handle was disposed: nobody listens any more.
        }
    }
}
