using System.Diagnostics;
using QueueIpc.Transport;

namespace QueueIpc.Workers;

/// <summary>A broker in a process of its own, seen from its owner.</summary>
internal sealed class BrokerProcess : IDisposable
{
    /// <summary>The broker's own patience with its sessions, twice: it is not killed while it ends in order.</summary>
    private const int EndMs = 2 * Broker.BrokerHost.StopMs;

    private readonly Process _process;
    private readonly bool _detached;
    private readonly string _goOn;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _disposing;

    private BrokerProcess(Process process, string endpoint, QueueBrokerOptions options)
    {
        (_process, Endpoint, _detached) = (process, endpoint, options.Detached);
        _goOn = options.Storage is null ? "Its queues are gone; start a new one." : "What is on its disk is there when one starts again.";
        Id = process.Id;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ReportEnd();
        if (process.HasExited)
        {
            ReportEnd();
        }
    }

    public string Endpoint { get; }

    public int Id { get; }

    public Task Completion => _ended.Task;

    public static BrokerProcess Start(QueueBrokerOptions options)
    {
        options.Validate();
        PipeDirectory.Ensure();
        var info = ThisProgram.StartInfo(ChildMain.BrokerPrefix + BrokerJob.Of(options).ToText());
        info.RedirectStandardInput = true;

        // The code of a broker is the same all day: to watch it first, in order to compile it better later, costs a third of the speed of its first seconds.
        info.Environment["DOTNET_TieredPGO"] = "0";
        if (options.Storage is not null)
        {
            // What is on the disk alone should not be in memory as garbage: otherwise that may become as much as the processor's cache, which is 300 MB on some.
            info.Environment.TryAdd("DOTNET_GCGen0MaxBudget", "0x1000000");
        }

        info.RedirectStandardOutput = true;
        var process = ThisProgram.Start(info);

        // Other startup hooks of the program may have something to say first.
        string? line;
        do
        {
            line = process.StandardOutput.ReadLine();
        }
        while (line is not null && !line.StartsWith(BrokerMain.ListeningPrefix, StringComparison.Ordinal) && !line.StartsWith(BrokerMain.FailedPrefix, StringComparison.Ordinal));

        if (line is not null && line.StartsWith(BrokerMain.ListeningPrefix, StringComparison.Ordinal))
        {
            process.StandardOutput.Close();
            return new BrokerProcess(process, line[BrokerMain.ListeningPrefix.Length..], options);
        }

        using (process)
        {
            process.StandardInput.Close();
            process.WaitForExit(EndMs);
            throw WhyNot(line, process);
        }
    }

    public void Dispose()
    {
        if (_disposing)
        {
            return;
        }

        _disposing = true;
        if (_detached)
        {
            // It lives on, and is told nothing; who started it merely lets go.
            _ended.TrySetResult();
            _process.Dispose();
            return;
        }

        _process.StandardInput.Close();
        if (!_process.WaitForExit(EndMs))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        ReportEnd();
        _process.Dispose();
    }

    private void ReportEnd()
    {
        if (_disposing)
        {
            _ended.TrySetResult();
        }
        else
        {
            _ended.TrySetException(new BrokerUnavailableException($"The broker process {Id} at '{Endpoint}' has ended by itself, with exit code {_process.ExitCode}. {_goOn}"));
        }
    }

    private static Exception WhyNot(string? line, Process process)
    {
        if (line is null || !line.StartsWith(BrokerMain.FailedPrefix, StringComparison.Ordinal))
        {
            return new IOException($"The broker process ended before it was listening{(process.HasExited ? $", with exit code {process.ExitCode}" : string.Empty)}. Its standard error may say why.");
        }

        var parts = line[BrokerMain.FailedPrefix.Length..].Split(' ', 2);
        return parts[0] switch
        {
            nameof(UnauthorizedAccessException) => new UnauthorizedAccessException(parts[1]),
            nameof(ArgumentException) => new ArgumentException(parts[1]),
            _ => new IOException(parts[1]),
        };
    }
}
