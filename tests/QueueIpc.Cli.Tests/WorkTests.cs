using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed class WorkTests : ToolTest
{
    [UnixFact]
    public void Work_CommandSucceeds_EachItemIsAnArgumentAndIsAcked()
    {
        using var queue = Open<string>();
        queue.PutMany(["a b", "$HOME", "数据", "-n"]);
        queue.Complete();

        var tool = Tool.Run(["work", "jobs", "--", "printf", "<%s>\\n", "{}"]);

        Assert.Equal((0, "<a b>\n<$HOME>\n<数据>\n<-n>\n", "queueipc: 4 items done, 0 failures\n"), (tool.ExitCode, tool.Output, tool.Errors));
        Assert.Equal(4, queue.GetInfo().TotalTaken);
    }

    [UnixFact]
    public void Work_NoPlaceForTheItem_ItIsTheStandardInput()
    {
        using var queue = Open<Dictionary<string, int>>();
        queue.Put(new() { ["id"] = 7 });
        queue.Complete();

        Assert.Equal("{\"id\":7}", Tool.Run(["work", "jobs", "--", "cat"]).Output);
    }

    [UnixFact]
    public void Work_CommandFails_ItemIsDeadWithTheEndOfItsErrors()
    {
        using var queue = Open<string>(options: new QueueOptions { MaxFailures = 2 });
        queue.Put("bad");
        queue.Put("good");
        queue.Complete();

        var tool = Tool.Run(["work", "jobs", "--concurrency", "2", "--", "sh", "-c", "test $1 = good || { echo no such file >&2; exit 3; }", "sh", "{}"]);

        Assert.Equal(0, tool.ExitCode);
        Assert.Contains("1 item done, 2 failures", tool.Errors, StringComparison.Ordinal);
        Assert.Equal("exit code 3: no such file", Assert.Single(queue.GetDeadItems(10)).Reason);
    }

    [UnixFact]
    public void Work_CommandTakesTooLong_IsKilledAndThatIsAFailure()
    {
        using var queue = Open<string>(options: new QueueOptions { MaxFailures = 1 });
        queue.Put("slow");
        queue.Complete();

        Assert.Equal(0, Tool.Run(["work", "jobs", "--timeout", "0.2", "--", "sleep", "600"]).ExitCode);

        Assert.Equal("it took longer than 0.2 s", Assert.Single(queue.GetDeadItems(10)).Reason);
    }

    [UnixFact]
    public void Work_OutputIsClosed_SaysSoAndTakesNothing()
    {
        using var queue = Open<string>();
        queue.Put("a");

        var tool = Tool.Shell("$queueipc work jobs -- echo {} >&-");

        Assert.Equal((1, "queueipc: The output cannot be written: the standard output is closed.\n"), (tool.ExitCode, tool.Errors));
        Assert.Equal((1, 0), (queue.Count, queue.GetInfo().Dead));
    }

    [UnixFact]
    public void Work_CommandThatIsNone_EndsAndTheItemGoesBack()
    {
        using var queue = Open<string>();
        queue.Put("a");

        var tool = Tool.Run(["work", "jobs", "--", "no-such-command", "{}"]);

        Assert.Equal(1, tool.ExitCode);
        Assert.StartsWith("queueipc: 'no-such-command' cannot be started", tool.Errors, StringComparison.Ordinal);
        Eventually.True(() => queue.GetInfo() is { Ready: 1, Leased: 0 });
        using var lease = queue.Lease(Times.Long);
        Assert.Equal(0, lease.Failures);
    }

    [UnixFact]
    public void Work_Interrupted_FinishesWhatRunsAndTakesNothingNew()
    {
        using var queue = Open<string>();
        using var go = Open<string>("go");
        queue.PutMany(["1", "2"]);
        using var work = Tool.Start("work", "jobs", "--", "sh", "-c", $"{Tool.Program} get go --timeout 30", "sh");
        Eventually.True(() => go.GetInfo().WaitingGets == 1);

        Signals.Terminate(work.Id);
        go.Put("on");
        var tool = Tool.Finish(work);

        Assert.Equal((0, "on\n"), (tool.ExitCode, tool.Output));
        Assert.True(queue.GetInfo() is { Ready: 1, Leased: 0, TotalTaken: 1 });
    }

    [UnixFact]
    public void Work_LeaseIsLost_SaysSoAndGoesOn()
    {
        using var queue = Open<string>(options: new QueueOptions { LeaseTime = TimeSpan.FromSeconds(2) });
        using var go = Open<string>("go");
        queue.PutMany(["1", "2"]);
        queue.Complete();
        using var work = Tool.Start("work", "jobs", "--", "sh", "-c", $"{Tool.Program} get go --timeout 30", "sh");
        Eventually.True(() => go.GetInfo().WaitingGets == 1);

        using (Signals.Stop(work))
        {
            Eventually.True(() => queue.GetInfo().Ready == 2);
        }

        go.PutMany(["on", "on", "on"]);
        var tool = Tool.Finish(work);

        Assert.Equal((0, "on\non\non\n"), (tool.ExitCode, tool.Output));
        Assert.Contains("2 items done, 1 failure", tool.Errors, StringComparison.Ordinal);
        Assert.True(queue.IsCompleted);
    }

    [Fact]
    public void Create_WithSettings_QueueHasThem()
    {
        var tool = Tool.Run(["create", "jobs", "--capacity", "7", "--lease-time", "90", "--max-failures", "0"]);

        Assert.Equal((0, "jobs: capacity 7, bytes unlimited, lease time 90 s, dead after no number of failures\n"), (tool.ExitCode, tool.Output));
        using var queue = Open<string>();
        Assert.Equal((7, 0), (queue.Capacity, queue.MaxFailures));
        Assert.Equal(0, Tool.Run(["create", "jobs", "--capacity", "7", "--lease-time", "90", "--max-failures", "0"]).ExitCode);
        Assert.Equal(1, Tool.Run(["create", "jobs", "--capacity", "8"]).ExitCode);
    }
}
