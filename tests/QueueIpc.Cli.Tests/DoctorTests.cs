using System.Diagnostics;
using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed class DoctorTests : ToolTest
{
    [UnixFact]
    public void Doctor_DirectoryThatCannotBeMade_SaysWhereAndWhatToDo()
    {
        var tool = Tool.Shell("XDG_RUNTIME_DIR=/dev/null $queueipc doctor");

        Assert.Equal(1, tool.ExitCode);
        Assert.Contains("BAD  directory    /dev/null/queueipc is not there, and cannot be made in /dev/null\n", tool.Output, StringComparison.Ordinal);
        Assert.Contains("Set XDG_RUNTIME_DIR, or TMPDIR,", tool.Output, StringComparison.Ordinal);
    }

    [UnixFact]
    public void Doctor_DirectoryThatIsNotThereAndCanBeMade_IsNoFault()
    {
        var tool = Tool.Shell($"XDG_RUNTIME_DIR={PipeDirectory}/not/yet $queueipc doctor");

        Assert.Equal(0, tool.ExitCode);
        Assert.Contains("not/yet/queueipc is not there; the first broker makes it\n", tool.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(PipeDirectory, "not")));
    }

    [UnixFact]
    public void Doctor_UnnamedBrokerThatWasKilled_SaysWhoRemovesWhatItLeft()
    {
        using var killed = QueueBroker.StartProcess();
        Process.GetProcessById(killed.ProcessId).Kill();
        Assert.True(killed.Completion.ContinueWith(_ => { }, TaskScheduler.Default).Wait(Times.Long));

        var before = Tool.Run(["doctor"]);
        File.Delete($"{killed.Endpoint}.lock");
        var without = Tool.Run(["doctor"]);

        Assert.Equal((0, 0), (before.ExitCode, without.ExitCode));
        Assert.Contains($"{killed.Endpoint}: left over by an unnamed broker that was killed; the next broker that starts removes it", before.Output, StringComparison.Ordinal);
        Assert.Contains($"{killed.Endpoint}: left over by an unnamed broker, and its lock file is gone", without.Output, StringComparison.Ordinal);
    }
}
