using System.Diagnostics;
using QueueIpc.Cli.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed class QueueCommandTests : ToolTest
{
    [Theory]
    [InlineData("clear")]
    [InlineData("complete")]
    [InlineData("rm")]
    [InlineData("dead", "rm")]
    public void Destructive_NobodyToAskAndNoYes_IsRefusedAndNothingChanged(params string[] command)
    {
        using var queue = Open<string>();
        queue.PutMany(["a", "b"]);
        queue.Lease().DeadLetter("no");

        var tool = Tool.Run([.. command, "jobs"]);

        Assert.Equal(2, tool.ExitCode);
        Assert.Contains("Say --yes", tool.Errors, StringComparison.Ordinal);
        queue.Put("c");
        Assert.Equal((2, 1), (queue.Count, queue.GetInfo().Dead));
    }

    [Fact]
    public void Clear_Yes_RemovesWhatIsReadyAndSaysHowMany()
    {
        using var queue = Open<string>();
        queue.PutMany(["a", "b"]);

        Assert.Equal("jobs: 2 items removed\n", Tool.Run(["clear", "jobs", "--yes"]).Output);
        Assert.Equal("""{"queue":"jobs","items":0}""", Tool.Run(["clear", "jobs", "--yes", "--json"]).Output.Trim());
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("dead", "rm")]
    public void Destructive_NothingToRemove_NeedsNoConsent(params string[] command)
    {
        using var queue = Open<string>();

        var tool = Tool.Run([.. command, "jobs"]);

        Assert.Equal((0, "jobs: 0 items removed\n"), (tool.ExitCode, tool.Output));
    }

    [Fact]
    public void Redrive_QueueThatIsFull_AllAreReadyBeyondItsCapacityAndPutsWait()
    {
        using var queue = Open<string>(options: new QueueOptions { Capacity = 2 });
        queue.PutMany(["a", "b"]);
        queue.Lease().DeadLetter("no");
        queue.Lease().DeadLetter("no");
        queue.PutMany(["c", "d"]);

        Assert.Equal("jobs: 2 items ready again\n", Tool.Run(["dead", "redrive", "jobs"]).Output);

        Assert.False(queue.TryPut("e", TimeSpan.Zero));
        Assert.EndsWith("full", Tool.Run(["ls"]).Lines[1], StringComparison.Ordinal);
        Assert.Equal("a\nb\nc\n", Tool.Run(["get", "jobs", "-n", "3"]).Output);
        queue.Put("e");
        Assert.Equal("d\ne\n", Tool.Run(["get", "jobs", "-n", "2"]).Output);
    }

    [Fact]
    public void Complete_Yes_CompletesIt()
    {
        using var queue = Open<string>();
        queue.Put("a");

        Assert.Equal("jobs: 1 item left to be taken\n", Tool.Run(["complete", "jobs", "-y"]).Output);
        Assert.Throws<QueueCompletedException>(() => queue.Put("b"));
        Assert.EndsWith("draining", Tool.Run(["ls"]).Lines[1], StringComparison.Ordinal);
        queue.Get();
        Assert.EndsWith("completed", Tool.Run(["ls"]).Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Remove_Yes_DeletesIt()
    {
        Open<string>().PutMany(["a", "b"]);

        Assert.Equal("jobs: 2 items deleted\n", Tool.Run(["rm", "jobs", "-y"]).Output);
        Assert.Equal("[]", Tool.Run(["ls", "--json"]).Output.Trim());
    }

    [Theory]
    [InlineData("info")]
    [InlineData("peek")]
    [InlineData("clear", "-y")]
    [InlineData("complete", "-y")]
    [InlineData("rm", "-y")]
    [InlineData("dead", "ls")]
    [InlineData("dead", "redrive")]
    [InlineData("get")]
    public void Command_QueueThatIsNotThere_SaysSoAndMakesNone(params string[] command)
    {
        var tool = Tool.Run([.. command, "typo"]);

        Assert.Equal(1, tool.ExitCode);
        Assert.Contains("there is no queue 'typo'", tool.Errors, StringComparison.Ordinal);
        using var client = QueueClient.Connect(Broker.Endpoint);
        Assert.Empty(client.GetQueues());
    }

    [Fact]
    public void Peek_SomeItems_PrintsThemAndLeavesThem()
    {
        using var queue = Open<string>();
        queue.PutMany(["a", "b", "c"]);

        Assert.Equal("a\n", Tool.Run(["peek", "jobs"]).Output);
        Assert.Equal("a\nb\n", Tool.Run(["peek", "jobs", "-n", "2"]).Output);
        Assert.Equal("""{"item":"a","format":"messagepack"}""", Tool.Run(["peek", "jobs", "--json"]).Output.Trim());
        Assert.Equal(3, queue.Count);
    }

    [Fact]
    public void Command_ItemsPutInsideATrace_ShowsTheItemsAlone()
    {
        using var queue = Open<string>();
        using (var listener = new ActivityListener { ShouldListenTo = source => source.Name == "QueueIpc", Sample = (ref _) => ActivitySamplingResult.AllData })
        {
            ActivitySource.AddActivityListener(listener);
            queue.PutMany(["a", "b"]);
        }

        using (var lease = queue.Lease())
        {
            Assert.NotEqual(default, lease.TraceContext);
            lease.DeadLetter("for a look");
        }

        Assert.Equal("b\n", Tool.Run(["peek", "jobs"]).Output);
        Assert.Equal("b\n", Tool.Run(["get", "jobs"]).Output);
        Assert.Contains("\"item\":\"a\"", Tool.Run(["dead", "show", "jobs", "--json"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Dead_OneItem_IsListedShownRedrivenAndRemoved()
    {
        using var queue = Open<Order>();
        queue.Put(new Order(7, 1, []));
        queue.Lease().DeadLetter("bad\nnews");

        var list = Tool.Run(["dead", "ls", "jobs"]).Lines;
        Assert.Equal(["SEQ", "FAILURES", "AGE", "REASON"], list[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith(@"bad\nnews", list[1], StringComparison.Ordinal);
        Assert.Contains("""{"Id":7,"Price":1,"Tags":[]}""", Tool.Run(["dead", "show", "jobs", "1"]).Output, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"bad\\nnews\"", Tool.Run(["dead", "show", "jobs", "--json"]).Output, StringComparison.Ordinal);
        Assert.Equal(1, Tool.Run(["dead", "show", "jobs", "2"]).ExitCode);
        Assert.Equal("jobs: 1 item ready again\n", Tool.Run(["dead", "redrive", "jobs"]).Output);
        queue.Lease().DeadLetter("again");
        Assert.Equal("jobs: 1 item removed\n", Tool.Run(["dead", "rm", "jobs", "--yes"]).Output);
        Assert.Equal((0, 0), (queue.Count, queue.GetInfo().Dead));
    }

    [Fact]
    public void DeadLs_MoreThanItShows_SaysOfHowMany()
    {
        using var queue = Open<int>();
        queue.PutMany(Enumerable.Range(0, 1002));
        foreach (var lease in queue.LeaseMany(1002, TimeSpan.Zero))
        {
            lease.DeadLetter("no");
        }

        var tool = Tool.Run(["dead", "ls", "jobs"]);

        Assert.Equal((1001, "These are the oldest 1000 of 1002.\n"), (tool.Lines.Length, tool.Errors));
        Assert.Equal("jobs: 1002 items deleted\n", Tool.Run(["rm", "jobs", "--yes"]).Output);
    }

    [Fact]
    public void DeadRedriveAndRm_SingleItems_LeaveTheOthersAlone()
    {
        using var queue = Open<string>();
        queue.PutMany(["a", "b", "c", "d"]);
        for (var i = 0; i < 4; i++)
        {
            queue.Lease().DeadLetter("no");
        }

        Assert.Equal(new Tool(0, "jobs: 1 item ready again\n", string.Empty), Tool.Run(["dead", "redrive", "jobs", "--item", "2"]));
        Assert.Equal(new Tool(0, "jobs: 2 items removed\n", string.Empty), Tool.Run(["dead", "rm", "jobs", "--item", "1", "--item", "3", "--yes"]));
        var missing = Tool.Run(["dead", "redrive", "jobs", "--item", "3"]);

        Assert.Equal("b", queue.Get());
        Assert.Equal([4], queue.GetDeadItems(10).Select(item => item.Sequence));
        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("0 of these 1", missing.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Set_OneSetting_TheOthersStay()
    {
        using var queue = Open<string>(options: new QueueOptions { Capacity = 1, MaxFailures = 2, LeaseTime = TimeSpan.FromSeconds(3) });

        var tool = Tool.Run(["set", "jobs", "--capacity", "5"]);

        Assert.Equal((0, "jobs: capacity 5, bytes unlimited, lease time 3 s, dead after 2 failures\n"), (tool.ExitCode, tool.Output));
        Assert.Equal(5, queue.Capacity);
        Assert.Equal(2, Tool.Run(["set", "jobs"]).ExitCode);
    }
}
