using System.Diagnostics;
using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed class PutTests : ToolTest
{
    [Fact]
    public void Put_Text_IsWhatAQueueOfStringsReads()
    {
        using var queue = Open<string>();

        var tool = Tool.Run(["put", "jobs", "Grüße 你好"]);

        Assert.Equal((0, string.Empty, string.Empty), (tool.ExitCode, tool.Output, tool.Errors));
        Assert.Equal("Grüße 你好", queue.Get(TimeSpan.Zero));
    }

    [UnixFact]
    public void Put_InputClosed_SaysSoAndDoesNotWait()
    {
        foreach (var command in new[] { "put jobs", "put jobs -", "data import $XDG_RUNTIME_DIR/none" })
        {
            var tool = Tool.Shell($"$queueipc {command} <&-");

            Assert.Equal((1, "queueipc: There is nothing to read: the standard input is closed.\n"), (tool.ExitCode, tool.Errors));
        }
    }

    [Fact]
    public void Put_Lines_AreOneItemEachInOrder()
    {
        using var queue = Open<string>();
        string[] lines = ["a", "", new string('x', 31), new string('y', 32), new string('z', 300), new string('数', 100_000), "last"];

        var tool = Tool.Run(["put", "jobs", "--json"], string.Join("\n", lines));

        Assert.Equal((0, """{"queue":"jobs","put":7}"""), (tool.ExitCode, tool.Output.Trim()));
        Assert.Equal(lines, queue.GetMany(100, TimeSpan.Zero));
    }

    [Fact]
    public void Put_LinesOfWindows_EndBeforeTheReturn()
    {
        using var queue = Open<string>();

        Tool.Run(["put", "jobs", "-"], "a\r\nb\r\n");

        Assert.Equal(["a", "b"], queue.GetMany(100, TimeSpan.Zero));
    }

    [Fact]
    public void Put_LineThatIsTooLarge_SaysWhichAndPutsThoseBefore()
    {
        using var small = QueueBroker.Start(new QueueBrokerOptions { Name = "small", MaxItemBytes = 10 });
        using var queue = small.OpenQueue<string>("jobs");

        var tool = Tool.Run(["put", "jobs", "--broker", "small"], "one\ntwo\nmore than ten\nfour\n");

        Assert.Equal((2, "queueipc: line 3: An item for queue 'jobs' has 14 bytes; the broker takes 10 at most. This item was not put. The 2 items before it were put.\n"), (tool.ExitCode, tool.Errors));
        Assert.Equal(["one", "two"], queue.GetMany(10, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("job1", "\uFEFFjob1\n")]
    [InlineData("5", "\uFEFF5\n", "--json-items")]
    [InlineData("\uFEFFraw", "\uFEFFraw\n", "--raw")]
    public void Put_ByteOrderMarkInFront_IsNoPartOfTheFirstLineUnlessRaw(string expected, string input, params string[] options)
    {
        Assert.Equal(0, Tool.Run(["put", "jobs", .. options], input).ExitCode);

        var item = System.Text.Json.JsonDocument.Parse(Tool.Run(["get", "jobs", "--json"]).Output).RootElement.GetProperty("item");
        Assert.Equal(expected, item.ToString());
    }

    [Fact]
    public void Put_JsonItems_AreWhatAQueueOfThatTypeReads()
    {
        using var queue = Open<Order?>("orders");

        var tool = Tool.Run(["put", "orders", "--json-items"], "{\"Id\":1,\"Price\":2.5,\"Tags\":[\"a\",\"b\"]}\nnull\n");

        Assert.Equal(0, tool.ExitCode);
        var order = queue.Get(TimeSpan.Zero)!;
        Assert.Equal((1, 2.5), (order.Id, order.Price));
        Assert.Equal(["a", "b"], order.Tags);
        Assert.Null(queue.Get(TimeSpan.Zero));
    }

    [Fact]
    public void Put_LineThatIsNoJson_SaysWhichAndPutsThoseBefore()
    {
        using var queue = Open<int>("numbers");

        var tool = Tool.Run(["put", "numbers", "--json-items"], "1\n2\n{oops\n4\n");

        Assert.Equal(2, tool.ExitCode);
        Assert.Contains("line 3 is no JSON", tool.Errors, StringComparison.Ordinal);
        Assert.Contains("2 items before it were put", tool.Errors, StringComparison.Ordinal);
        Assert.Equal([1, 2], queue.GetMany(100, TimeSpan.Zero));
    }

    [Fact]
    public void Put_Raw_PutsBytesAsTheyAre()
    {
        using var queue = Open<byte[]>("bytes");

        var tool = Tool.Run(["put", "bytes", "--raw"], [0xFF, 0x00, (byte)'\r', (byte)'\n', 1]);

        Assert.Equal(0, tool.ExitCode);
        Assert.Equal([[0xFF, 0x00, (byte)'\r'], [1]], queue.GetMany(100, TimeSpan.Zero));
    }

    [Fact]
    public void Put_BytesThatAreNoText_IsAUsageError()
    {
        using var queue = Open<string>();

        var tool = Tool.Run(["put", "jobs"], [0xFF, (byte)'\n']);

        Assert.Equal(2, tool.ExitCode);
        Assert.Contains("line 1 is not UTF-8. Say --raw", tool.Errors, StringComparison.Ordinal);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task Put_InputThatPauses_HasPutWhatCameSoFar()
    {
        using var queue = Open<string>();
        using var tool = Tool.Start("put", "jobs");
        tool.StandardInput.Write("a\nb\n");
        tool.StandardInput.Flush();

        Assert.Equal("a", await queue.GetAsync(Times.Long));
        Assert.Equal("b", await queue.GetAsync(Times.Long));

        tool.StandardInput.Close();
        Assert.Equal(0, Tool.Finish(tool).ExitCode);
    }

    [Fact]
    public void Put_QueueCompletedInTheMiddle_ReadsNoFurtherAndSaysHowManyWerePut()
    {
        using var queue = Open<string>();
        using var tool = Tool.Start("put", "jobs");
        Say(tool, "a\nb");
        Assert.Equal(["a", "b"], [queue.Get(Times.Long), queue.Get(Times.Long)]);
        queue.Complete();

        Say(tool, "c");

        // The input goes on: nobody has closed it.
        var end = Tool.Finish(tool);
        Assert.Equal((1, "queueipc: Queue 'jobs' is completed: it takes no items any more. 2 items were put.\n"), (end.ExitCode, end.Errors));
    }

    [Fact]
    public void Put_BrokerKilledInTheMiddle_ReadsNoFurtherAndSaysWhatIsKnown()
    {
        using var broker = QueueBroker.StartProcess(new QueueBrokerOptions { Name = "mortal" });
        using var queue = broker.OpenQueue<string>("jobs");
        using var tool = Tool.Start("put", "jobs", "--broker", "mortal");
        foreach (var line in Enumerable.Range(1, 9).Select(i => $"line {i}"))
        {
            // Before the ninth is sent, the answer to the first has been read: eight at a time are under way.
            Say(tool, line);
            Assert.Equal(line, queue.Get(Times.Long));
        }

        ProcessTable.Kill(broker.ProcessId);

        try
        {
            Say(tool, "one more");
        }
        catch (IOException)
        {
            // It has seen the end without another line: an answer was still under way.
        }

        var end = Tool.Finish(tool);
        Assert.Equal(3, end.ExitCode);
        Assert.StartsWith("queueipc: the broker went away", end.Errors, StringComparison.Ordinal);
        Assert.Matches(@" At least [1-9] items? (was|were) put\.\n$", end.Errors);
    }

    [UnixFact]
    public void Put_InterruptedWhileTheQueueIsFull_EndsAsShellsExpect()
    {
        using var queue = Open<string>("small", new QueueOptions { Capacity = 1 });
        using var tool = Tool.Start("put", "small");
        tool.StandardInput.Write("a\nb\nc\n");
        tool.StandardInput.Close();
        Eventually.True(() => queue.GetInfo().WaitingPuts > 0);

        Signals.Interrupt(tool.Id);

        var end = Tool.Finish(tool);
        Assert.Equal((130, "queueipc: interrupted. 1 item was put.\n"), (end.ExitCode, end.Errors));
        Assert.Equal("a", queue.Get(TimeSpan.Zero));
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void Put_NoRoomWithinTheTimeout_ExitsWith1AndSaysHowManyWerePut()
    {
        using var queue = Open<string>("small", new QueueOptions { Capacity = 2 });

        var lines = Tool.Run(["put", "small", "--timeout", "0.2"], "a\nb\nc\n");
        var one = Tool.Run(["put", "small", "d", "--timeout", "0", "--json"]);

        Assert.Equal((1, "queueipc: 'small' is full, and there was no room for 0.2 s. The 2 items before it were put.\n"), (lines.ExitCode, lines.Errors));
        Assert.Equal((1, """{"error":"'small' is full, and there was no room for 0 s.","exitCode":1}"""), (one.ExitCode, one.Errors.Trim()));
        Assert.Equal(["a", "b"], queue.GetMany(100, TimeSpan.Zero));
        Assert.Equal(0, Tool.Run(["put", "small", "d", "--timeout", "0"]).ExitCode);
        Assert.Equal("d", queue.Get(TimeSpan.Zero));
    }

    [Fact]
    public void Put_CompletedQueue_FailsInWords()
    {
        using var queue = Open<string>();
        queue.Complete();

        var tool = Tool.Run(["put", "jobs", "a"]);

        Assert.Equal(1, tool.ExitCode);
        Assert.Contains("'jobs' is completed", tool.Errors, StringComparison.Ordinal);
    }

    private static void Say(Process tool, string lines)
    {
        tool.StandardInput.Write($"{lines}\n");
        tool.StandardInput.Flush();
    }
}

public sealed record Order(int Id, double Price, string[] Tags);
