using System.Diagnostics;
using System.Text;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests.Support;

/// <summary>The built tool as its users run it: a process, its output and its exit code.</summary>
internal sealed record Tool(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The program that was built as these tests were.</summary>
    public static string Program { get; } = FindProgram();

    public static Tool Run(string[] args, string? input = null) => Run(args, input is null ? null : Encoding.UTF8.GetBytes(input));

    public static Tool Run(string[] args, byte[]? input)
    {
        using var process = Start(args);
        if (input is not null)
        {
            process.StandardInput.BaseStream.Write(input);
        }

        process.StandardInput.Close();
        return Finish(process);
    }

    /// <summary>A line for the shell, in which $queueipc is the tool.</summary>
    public static Tool Shell(string line)
    {
        using var process = StartShell(line);
        process.StandardInput.Close();
        return Finish(process);
    }

    public static Process StartShell(string line)
    {
        var info = Info("/bin/bash");
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add(line);
        info.Environment["queueipc"] = Program;
        return Process.Start(info)!;
    }

    public static Process Start(params string[] args)
    {
        var info = Info(Program);
        foreach (var arg in args)
        {
            info.ArgumentList.Add(arg);
        }

        return Process.Start(info)!;
    }

    public static Tool Finish(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Times.Long))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"it did not end; so far it said: {output.Result} {errors.Result}");
        }

        return new Tool(process.ExitCode, output.Result, errors.Result);
    }

    private static ProcessStartInfo Info(string program) => new(program)
    {
        WorkingDirectory = Path.GetTempPath(),
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
    };

    private static string FindProgram()
    {
        // …/tests/QueueIpc.Cli.Tests/bin/<configuration>/<framework>/
        var here = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var name = OperatingSystem.IsWindows() ? "QueueIpc.Cli.exe" : "QueueIpc.Cli";
        return Repository.PathOf(Path.Combine("src", "QueueIpc.Cli", "bin", here.Parent!.Name, here.Name, name));
    }
}
