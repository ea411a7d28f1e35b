using System.Diagnostics;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Languages.Tests;

/// <summary>The programs that run the clients of other languages, and what they print.</summary>
internal static class Languages
{
    private static readonly Lazy<(string Program, string? Problem)> FoundPython = new(FindPython);

    public static string PythonFolder => Repository.PathOf("src/python");

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
