using System.Diagnostics;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Sqlite.Tests.Disk;

/// <summary>The writer as a process of its own, under strace or with a limit.</summary>
internal static class Writer
{
    /// <summary>Strace with these words before the program.</summary>
    public static Words Run(string[] before, string directory, int items, int itemChars)
    {
        var program = Repository.PathOf(Path.Combine("tests", "QueueIpc.Chaos", "bin", new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)) is var here ? Path.Combine(here.Parent!.Name, here.Name) : string.Empty, "QueueIpc.Chaos.dll"));
        string[] words = [.. before, "dotnet", program, "write", directory, $"{items}", $"{itemChars}"];
        var info = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };

        // It maps memory by files, which a limit on files would not let it.
        info.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Times.Long * 2))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The writer hangs: {output.Result} {errors.Result}");
        }

        var said = new Words(itemChars);
        foreach (var line in output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            said.Hear(line);
        }

        Assert.True(said.End is not null, $"The writer ended with {process.ExitCode}: {errors.Result}");
        return said;
    }
}
