using System.Diagnostics;
using System.Text;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Samples;

/// <summary>A sample as a user runs it: a process, its output and its exit code.</summary>
internal sealed record Sample(int ExitCode, string[] Output, string Errors)
{
    public static Sample Run(string name, params string[] args)
    {
        using var process = Start(name, args);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        return End(name, process, output, errors);
    }

    /// <summary>A sample is asked to end, as a service manager would, when it has come so far.</summary>
    public static Sample TerminateWhen(Func<bool> reached, string name, params string[] args)
    {
        using var process = Start(name, args);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        Eventually.True(() => reached() || process.HasExited);
        Assert.False(process.HasExited, $"{name} has ended before it was asked to");
        Signals.Terminate(process.Id);
        return End(name, process, output, errors);
    }

    /// <summary>A sample's process, but not its children, is killed when it has written its first line.</summary>
    /// <returns>What it and its children wrote to the standard error until the last of them had ended.</returns>
    public static string KillAfterFirstLine(string name)
    {
        using var process = Start(name, []);
        process.StandardOutput.ReadLine();
        process.Kill();

        // The children have the same stream: it ends with the last of them.
        var errors = process.StandardError.ReadToEndAsync();
        Assert.True(errors.Wait(Times.Long), $"children of {name} live on");
        return errors.Result;
    }

    /// <summary>Where a sample was built: as these tests were, beside them.</summary>
    public static string Folder(string name)
    {
        // …/tests/QueueIpc.Tests/bin/<configuration>/<framework>/
        var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "samples", name, "bin", configuration, framework);
    }

    private static Process Start(string name, string[] args)
    {
        // From a folder that has nothing to do with it.
        var info = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        var program = Path.Combine(Folder(name), $"{name}.dll");
        foreach (var arg in args.Prepend(program))
        {
            info.ArgumentList.Add(arg);
        }

        return Process.Start(info)!;
    }

    private static Sample End(string name, Process process, Task<string> output, Task<string> errors)
    {
        if (!process.WaitForExit(Times.Long))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{name} did not end");
        }

        return new Sample(process.ExitCode, output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), errors.Result);
    }
}
