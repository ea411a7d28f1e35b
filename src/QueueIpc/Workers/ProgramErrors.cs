using System.Diagnostics;

namespace QueueIpc.Workers;

/// <summary>What a program writes to its standard error: passed on as it comes, and its end kept for the failure that it may explain.</summary>
internal sealed class ProgramErrors
{
    private const int LinesMax = 100;
    private const int LastWordsMs = 1000;

    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _program;

    public ProgramErrors(Process process, string program)
    {
        _program = program;
        var reader = process.StandardError;
        BackgroundThread.Start("QueueIpc errors", () => Read(reader));
    }

    /// <summary>Why a program that has ended with this code did so, as far as it said.</summary>
    public WorkerFailure? Failure(int exitCode)
    {
        if (exitCode == 0)
        {
            return null;
        }

        // A child of the program may have the stream still.
        _ended.Task.Wait(LastWordsMs);
        lock (_lines)
        {
            var last = _lines.LastOrDefault(line => !string.IsNullOrWhiteSpace(line));
            return new WorkerFailure(_program, last?.Trim() ?? $"It ended with exit code {exitCode} and said nothing.", string.Join(Environment.NewLine, _lines));
        }
    }

    private void Read(StreamReader reader)
    {
        try
        {
            while (reader.ReadLine() is { } line)
            {
                Console.Error.WriteLine(line);
                lock (_lines)
                {
                    _lines.Enqueue(line);
                    if (_lines.Count > LinesMax)
                    {
                        _lines.Dequeue();
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The handle was disposed: nobody asks any more.
        }

        _ended.SetResult();
    }
}
