using System.Diagnostics;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Samples;

/// <summary>A sample as a user runs it: a process, its output and its exit code.</summary>
internal sealed record Sample(int ExitCode, string[] Output, string Errors)
{
    public static Sample Run(string name, params string[] args)
    {
        // …/tests/QueueIpc.Tests/bin/<configuration>/<framework>/: the samples were built in the same way beside it.
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var program = Path.Combine(root, "samples", name, "bin", configuration, framework, $"{name}.dll");
        var info = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var arg in args.Prepend(program))
        {
            info.ArgumentList.Add(arg);
        }

        info.StandardOutputEncoding = System.Text.Encoding.UTF8;
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Times.Long))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{name} did not end");
        }

        return new Sample(process.ExitCode, output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), errors.Result);
    }
}
