using System.Diagnostics;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Languages.Tests;

/// <summary>The programs that run the clients of other languages, and what they print.</summary>
internal static class Languages
{
    private static readonly Lazy<(string Program, string? Problem)> FoundPython = new(FindPython);
    private static readonly Lazy<string?> ProblemWithNode = new(BuildForNode);

    public static string PythonFolder => Repository.PathOf("src/python");

    public static string NodeFolder => Repository.PathOf("src/node");

    /// <summary>A Node that has the client, newly built. Skips the test, in words, where there is none.</summary>
    public static string Node
    {
        get
        {
            Assert.SkipWhen(ProblemWithNode.Value is not null, ProblemWithNode.Value ?? string.Empty);
            return "node";
        }
    }

    /// <summary>A Python that has what the client needs. Skips the test, in words, where there is none.</summary>
    public static string Python
    {
        get
        {
            Assert.SkipWhen(FoundPython.Value.Problem is not null, FoundPython.Value.Problem ?? string.Empty);
            return FoundPython.Value.Program;
        }
    }

    /// <summary>How such a program is started: from a folder of its own, with the client to be imported, on this broker.</summary>
    public static ProcessStartInfo Command(string program, string broker, params string[] args)
    {
        var info = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["QUEUEIPC_ENDPOINT"] = broker;
        info.Environment["PYTHONPATH"] = PythonFolder;
        info.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        info.Environment["PYTHONIOENCODING"] = "utf-8";
        return info;
    }

    /// <summary>Runs it to its end.</summary>
    public static (int ExitCode, string Output, string Errors) Run(ProcessStartInfo info, TimeSpan timeout)
    {
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(timeout))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{info.FileName} did not end within {timeout}:\n{output.Result}\n{errors.Result}");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }

    private static string? BuildForNode()
    {
        if (!Directory.Exists(Path.Combine(NodeFolder, "node_modules")))
        {
            return "needs Node 20 or later and the client's tools: run 'npm ci --ignore-scripts' in src/node";
        }

        try
        {
            var version = Run(Command("node", string.Empty, "-p", "process.versions.node.split('.')[0] >= 20"), QueueIpc.Tests.Support.Times.Long);
            if (version.Output.Trim() != "true")
            {
                return "needs Node 20 or later";
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "needs Node 20 or later";
        }

        var build = Command(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", string.Empty, "run", "build");
        build.WorkingDirectory = NodeFolder;
        var (exitCode, output, errors) = Run(build, TimeSpan.FromMinutes(2));
        Assert.True(exitCode == 0, output + errors);
        return null;
    }

    /// <summary>The system's own Python first: it is the one that packages of the system are for.</summary>
    private static (string Program, string? Problem) FindPython()
    {
        foreach (var program in (string[])["/usr/bin/python3", "python3"])
        {
            try
            {
                var info = new ProcessStartInfo(program, ["-c", "import msgpack, pytest"]) { RedirectStandardOutput = true, RedirectStandardError = true };
                if (Run(info, QueueIpc.Tests.Support.Times.Long).ExitCode == 0)
                {
                    return (program, null);
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not there; the next one may be.
            }
        }

        return (string.Empty, "needs Python 3.10 or later with msgpack and pytest: on Debian and Ubuntu, apt-get install python3-msgpack python3-pytest libpython3.11-testsuite");
    }
}
