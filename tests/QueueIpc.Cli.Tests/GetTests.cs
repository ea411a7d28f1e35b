using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed class GetTests : ToolTest
{
    [Fact]
    public void Get_ItemsOfManyKinds_AreJsonOrTextInOneLineEach()
    {
        Open<int>().PutMany([53, -1, 1_000_000]);
        Open<string>().PutMany(["a b", "two\nlines", "tab\tstays", "\e[31mred", "数据 \u0085"]);
        Open<Order>().Put(new Order(1, 0.5, ["x\n"]));
        Open<byte[]?>().PutMany(["raw text"u8.ToArray(), [0xFF, 0xFE], [], null]);

        var tool = Tool.Run(["get", "jobs", "-n", "13"]);

        Assert.Equal(0, tool.ExitCode);
        Assert.Equal(
            """
            53
            -1
            1000000
            a b
            two\nlines
            tab	stays
            \x1b[31mred
            数据 \u0085
            {"Id":1,"Price":0.5,"Tags":["x\n"]}
            raw text
            \xff\xfe

            null

            """.ReplaceLineEndings("\n"),
            tool.Output);
    }

    [Fact]
    public void Get_Json_SaysHowEachItemIsStored()
    {
        Open<string>().Put("a");
        Open<byte[]?>().PutMany(["raw text"u8.ToArray(), [0xFF, 0xFE], null]);
        using (var lease = Open<byte[]?>().Lease())
        {
            lease.Nack();
        }

        var tool = Tool.Run(["get", "jobs", "-n", "4", "--json"]);

        Assert.Equal(
            [
                """{"item":"a","format":"messagepack","failures":1}""",
                """{"item":"raw text","format":"text","failures":0}""",
                """{"item":"//4=","format":"binary","failures":0}""",
                """{"item":null,"format":"null","failures":0}""",
            ],
            tool.Lines);
    }

    [Fact]
    public void Get_Raw_PrintsTheBytesAsTheyAre()
    {
        Open<byte[]>().Put("a\tb\e"u8.ToArray());

        Assert.Equal("a\tb\e\n", Tool.Run(["get", "jobs", "--raw"]).Output);
    }

    [Fact]
    public void Get_EmptyQueue_ExitsWith1AndSaysSo()
    {
        var later = Tool.Run(["get", "jobs", "--timeout", "0.1"]);
        var atOnce = Tool.Run(["get", "jobs"]);

        Assert.Equal((1, "queueipc: 'jobs' is empty."), (atOnce.ExitCode, atOnce.Errors.Trim()));
        Assert.Equal((1, "queueipc: 'jobs' is empty, and nothing came for 0.1 s."), (later.ExitCode, later.Errors.Trim()));
    }

    [Fact]
    public void Get_FewerThanAsked_PrintsThemAndExitsWith1()
    {
        Open<string>().PutMany(["a", "b"]);

        var tool = Tool.Run(["get", "jobs", "--count", "3"]);

        Assert.Equal((1, "a\nb\n"), (tool.ExitCode, tool.Output));
        Assert.Contains("2 of 3 items came", tool.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_WithATimeout_WaitsForTheItem()
    {
        using var queue = Open<string>();
        using var tool = Tool.Start("get", "jobs", "--timeout", "30");
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);

        queue.Put("late");

        Assert.Equal("late\n", Tool.Finish(tool).Output);
    }

    [Fact]
    public void Get_CompletedWhileItWaits_DoesNotSayThatItWaitedAllTheTime()
    {
        using var queue = Open<string>();
        using var tool = Tool.Start("get", "jobs", "--timeout", "30");
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);

        queue.Complete();

        var end = Tool.Finish(tool);
        Assert.Equal((1, "queueipc: Queue 'jobs' is completed, and nothing is left in it.\n"), (end.ExitCode, end.Errors));
    }

    [Fact]
    public void Get_Follow_PrintsEachAsItComesAndEndsWithTheQueue()
    {
        using var queue = Open<string>();
        using var tool = Tool.Start("get", "jobs", "--follow");
        queue.Put("a");
        Assert.Equal("a", tool.StandardOutput.ReadLine());
        queue.Put("b");
        Assert.Equal("b", tool.StandardOutput.ReadLine());

        queue.Complete();

        Assert.Equal(0, Tool.Finish(tool).ExitCode);
        Assert.Equal(2, queue.GetInfo().TotalTaken);
    }

    [UnixFact]
    public void Get_FollowInterruptedWhileNothingComes_EndsWith0()
    {
        using var queue = Open<string>();
        using var tool = Tool.Start("get", "jobs", "--follow");
        Eventually.True(() => queue.GetInfo().WaitingGets == 1);

        Signals.Interrupt(tool.Id);

        Assert.Equal(0, Tool.Finish(tool).ExitCode);
        queue.Put("a");
        Assert.Equal((1, 0), (queue.Count, queue.GetInfo().Leased));
    }

    [UnixFact]
    public void Get_InterruptedWhileNobodyReads_WhatWasNotPrintedIsBack()
    {
        using var queue = Open<string>();
        var items = Enumerable.Range(1, 5000).Select(number => $"{number}").ToArray();
        queue.PutMany(items);
        using var tool = Tool.Start("get", "jobs", "--follow");
        Eventually.True(() => queue.GetInfo().Leased > 0);

        Signals.Interrupt(tool.Id);

        // What is in the pipe by then is read here: printed. The rest is back in order, and no failure is counted.
        var printed = Tool.Finish(tool);
        Assert.Equal(0, printed.ExitCode);
        Assert.Equal(items, printed.Lines.Concat(queue.GetMany(items.Length, TimeSpan.Zero)));
    }

    [UnixFact]
    public void Get_KilledInTheMiddle_WhatWasNotPrintedComesBack()
    {
        using var queue = Open<string>();
        var items = Enumerable.Range(1, 5000).Select(number => $"{number}").ToArray();
        queue.PutMany(items);
        using var tool = Tool.Start("get", "jobs", "--follow");
        Assert.Equal("1", tool.StandardOutput.ReadLine());

        tool.Kill();
        var printed = Tool.Finish(tool);

        Eventually.True(() => queue.GetInfo().Leased == 0);
        var left = queue.GetMany(items.Length, TimeSpan.Zero);
        Assert.Equal(items.Skip(items.Length - left.Count), left);
        Assert.Equal(items.Order(), left.Union(printed.Lines).Union(["1"]).Order());
    }
}
