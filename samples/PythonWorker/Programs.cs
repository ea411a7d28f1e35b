using System.ComponentModel;
using System.Diagnostics;

/// <summary>The programs that run workers of other languages. The clients are beside this sample, as its build has put them there.</summary>
internal static class Programs
{
    /// <summary>A Python that has msgpack, or null.</summary>
    public static string? Python => Array.Find(["/usr/bin/python3", "python3", "python"], program => Runs(program, "-c", "import msgpack"));

    /// <summary>Node, if it is there and the client was built before this sample; or null.</summary>
    public static string? Node => Directory.Exists(Beside("node_modules/queueipc/dist")) && Runs("node", "--version") ? "node" : null;

    public static ProcessStartInfo InPython(string python, bool hangs)
    {
        var program = new ProcessStartInfo(python, [Beside("worker.py")]);
        if (hangs)
        {
            program.Environment["HANGS"] = "1";
        }

        return program;
    }

    public static ProcessStartInfo InNode(string node) => new(node, [Beside("worker.mjs")]);

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);

    private static bool Runs(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
