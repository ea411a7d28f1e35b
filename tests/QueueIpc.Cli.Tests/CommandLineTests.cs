using System.Text.RegularExpressions;
using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed partial class CommandLineTests : ToolTest
{
    private static readonly string[] Groups = ["dead", "data"];
    private static readonly string[] CommandsOfGroups = ["dead ls", "dead show", "dead redrive", "dead rm", "data info", "data check", "data compact", "data export", "data import"];

    [Fact]
    public void Help_OfEveryCommand_HasAnExampleAndAPlaceInTheDocument()
    {
        var document = Repository.Read("docs/cli.md");
        var all = Tool.Run(["--help"]).Output;
        var commands = CommandName().Matches(all[all.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value).Except(Groups).Concat(CommandsOfGroups).ToArray();

        Assert.Equal(28, commands.Length);
        Assert.All(commands, command =>
        {
            var help = Tool.Run([.. command.Split(' '), "--help"]);
            Assert.Equal(0, help.ExitCode);
            Assert.Contains("Example:\n", help.Output, StringComparison.Ordinal);
            Assert.Contains($"queueipc {command}", help.Output, StringComparison.Ordinal);
            Assert.Contains("--json", help.Output, StringComparison.Ordinal);
            Assert.All(OptionName().Matches(help.Output).Select(match => match.Value), option => Assert.Contains($"`{option}", document, StringComparison.Ordinal));
            Assert.Contains($"### `{command}", document, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData]
    [InlineData("dead")]
    [InlineData("nonsense")]
    [InlineData("ls", "--nonsense")]
    [InlineData("get")]
    [InlineData("get", "jobs", "--count", "0")]
    [InlineData("get", "jobs", "--count", "x")]
    [InlineData("get", "jobs", "--count", "1", "--follow")]
    [InlineData("get", "jobs", "--timeout", "-1")]
    [InlineData("put", "jobs", "a", "--raw", "--json-items")]
    [InlineData("put", "jobs", "{", "--json-items")]
    [InlineData("put", "jobs", " ", "--json-items")]
    [InlineData("ping", "--broker", "no good name")]
    [InlineData("ping", "--timeout", "1e9")]
    [InlineData("ls", "--broker", "")]
    [InlineData("dead", "show", "jobs", "x")]
    [InlineData("check", "--max-dead", "x")]
    [InlineData("data")]
    [InlineData("data", "info")]
    [InlineData("get", "")]
    [InlineData("info", "")]
    [InlineData("peek", "a\nb")]
    [InlineData("serve", "--name", "no good name")]
    [InlineData("top", "--interval", "0")]
    [InlineData("bench", "--seconds", "0")]
    [InlineData("serve", "--broker", "one", "--name", "another")]
    public void Run_CommandLineThatIsNone_ExitsWith2AndChangesNothing(params string[] args)
    {
        var tool = Tool.Run(args);

        Assert.Equal(2, tool.ExitCode);
        Assert.NotEmpty(tool.Errors + tool.Output);
        Assert.DoesNotMatch(WordOfPrograms(), tool.Errors);
    }

    [Theory]
    [InlineData("--jsonitems", "put", "--jsonitems", "jobs")]
    [InlineData("--json-item", "put", "jobs", "--json-item")]
    [InlineData("-n", "put", "-n", "jobs")]
    [InlineData("--cuont", "get", "--cuont", "5", "jobs")]
    [InlineData("--max-read", "check", "--max-read", "5")]
    [InlineData("-1", "dead", "show", "jobs", "-1")]
    public void Run_OptionThatIsNone_IsNoQueueAndNoItem(string word, params string[] args)
    {
        using var client = QueueClient.Connect(Broker.Endpoint);

        var tool = Tool.Run(args, "5\n");

        Assert.Equal(2, tool.ExitCode);
        Assert.StartsWith($"queueipc: '{word}' is no option of this command.", tool.Errors, StringComparison.Ordinal);
        Assert.Empty(client.GetQueues());
    }

    [Fact]
    public void Run_WordsBehindTwoDashes_MayBeginWithADash()
    {
        Assert.Equal(0, Tool.Run(["put", "--", "-jobs", "-5"]).ExitCode);
        Assert.Equal("-5\n", Tool.Run(["get", "--", "-jobs"]).Output);
    }

    [Fact]
    public void Run_HelpAsACommand_IsTheOption()
    {
        Assert.Equal(Tool.Run(["--help"]), Tool.Run(["help"]));
        Assert.Equal(Tool.Run(["dead", "ls", "--help"]), Tool.Run(["help", "dead", "ls"]));
    }

    [Theory]
    [InlineData("there is no command 'lss'. Did you mean 'ls'?", "lss")]
    [InlineData("'--tiemout=4' is no option of this command. Did you mean '--timeout'?", "put", "jobs", "--tiemout=4", "x")]
    [InlineData("'--boker' is no option of this command. Did you mean '--broker'?", "ls", "--boker", "x")]
    [InlineData("--capacity is a whole number, 0 to 2147483647, and not '3000000000'.", "create", "jobs", "--capacity", "3000000000")]
    [InlineData("--max-failures is a whole number, 0 to 65535, and not '70000'.", "set", "jobs", "--max-failures", "70000")]
    [InlineData("--max-queues is a whole number, 1 to 2147483647, and not '9999999999'.", "serve", "--max-queues", "9999999999")]
    [InlineData("--concurrency is a whole number, 1 to 10000, and not '10001'.", "work", "jobs", "-c", "10001", "--", "true")]
    [InlineData("there is no command 'comp'. Did you mean 'complete'?", "comp", "jobs")]
    [InlineData("there is no command 'nonsense'.", "nonsense")]
    [InlineData("there is no command 'redirve'. Did you mean 'redrive'?", "dead", "redirve", "jobs")]
    [InlineData("'get' needs <queue>.", "get")]
    [InlineData("'work' needs <queue>.", "work")]
    public void Run_WordThatIsNoCommandOrMissing_SaysWhatIsMeant(string said, params string[] args)
    {
        var tool = Tool.Run(args);

        Assert.Equal((2, $"queueipc: {said}"), (tool.ExitCode, tool.Errors.Split('\n')[0]));
    }

    [UnixFact]
    public void Run_TooFewFilesMayBeOpen_SaysSo()
    {
        var tool = Tool.Shell("ulimit -n 50; $queueipc serve --name few");

        Assert.Equal((1, "queueipc: a process may have only 50 files open here, and needs 100. Raise that with 'ulimit -n'.\n"), (tool.ExitCode, tool.Errors));
    }

    [UnixFact]
    public void Run_OutputClosed_SaysThatItCannotBeWrittenAndLosesNothing()
    {
        using var queue = Open<string>();
        queue.Put("a");

        foreach (var command in new[] { "get jobs", "ls", "peek jobs" })
        {
            var tool = Tool.Shell($"$queueipc {command} >&-");

            Assert.Equal(1, tool.ExitCode);
            Assert.StartsWith("queueipc: The output cannot be written", tool.Errors, StringComparison.Ordinal);
        }

        Assert.Equal("a", queue.Get(Times.Long));
        Assert.Equal(0, Tool.Shell("$queueipc put jobs b >&-").ExitCode);
    }

    [Fact]
    public void Help_ArgumentThatMayBeLeftOut_IsShownAsSuch()
    {
        var all = Tool.Run(["--help"]).Output;

        Assert.Contains("  put <queue> [<text>]  Puts items into a queue.\n", all, StringComparison.Ordinal);
        Assert.Contains("  check [<queue>...]    ", all, StringComparison.Ordinal);
        Assert.Contains("  show <queue> [<seq>]  ", Tool.Run(["dead", "--help"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_CommandThatIsAGroup_ShowsItsHelp()
    {
        var tool = Tool.Run(["dead"]);

        Assert.Equal((2, string.Empty), (tool.ExitCode, tool.Errors));
        Assert.Equal(Tool.Run(["dead", "--help"]).Output, tool.Output);
    }

    [Fact]
    public void Put_ItemThatIsTooLarge_IsRefusedInWords()
    {
        using var small = QueueBroker.Start(new QueueBrokerOptions { Name = "small", MaxItemBytes = 10 });

        var tool = Tool.Run(["put", "jobs", "more than ten", "--broker", "small"]);

        Assert.Equal((2, "queueipc: An item for queue 'jobs' has 14 bytes; the broker takes 10 at most. This item was not put.\n"), (tool.ExitCode, tool.Errors));
    }

    [UnixFact]
    public void Run_BrokerThatIsStopped_ExitsWith3AndSaysWhoHasTheNameAndWhatToDo()
    {
        using var stopped = QueueBroker.StartProcess(new QueueBrokerOptions { Name = "stopped" });
        using var pause = Signals.Stop(stopped);

        var tools = new[] { Tool.Run(["ping", "--broker", "stopped"]), Tool.Run(["ls", "--broker", stopped.Endpoint]) };

        Assert.All(tools, tool =>
        {
            Assert.Equal(3, tool.ExitCode);
            Assert.StartsWith($"queueipc: process {stopped.ProcessId} listens at {stopped.Endpoint}, and does not answer.", tool.Errors, StringComparison.Ordinal);
            Assert.Contains($"'kill -CONT {stopped.ProcessId}'", tool.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("serve", tool.Errors, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Run_BrokerThatRefuses_ExitsWith3AndSaysWhy()
    {
        using var full = QueueBroker.Start(new QueueBrokerOptions { Name = "full", MaxConnections = 1 });
        using var client = QueueClient.Connect(full.Endpoint);

        var tool = Tool.Run(["ls", "--broker", "full"]);

        Assert.Equal((3, $"queueipc: the broker at {full.Endpoint} refuses the connection: the broker has 1 connections, its limit.\n"), (tool.ExitCode, tool.Errors));
    }

    [Fact]
    public void Serve_NameThatIsTaken_IsRefusedInWords()
    {
        var tool = Tool.Run(["serve", "--name", "test"]);

        Assert.Equal(1, tool.ExitCode);
        Assert.Contains("already. Connect to it, or start this one under another name.", tool.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("ping", "--timeout", "0")]
    [InlineData("put", "jobs", "a")]
    [InlineData("check")]
    public void Run_NoBroker_ExitsWith3AndSaysWhereAndWhatToDo(params string[] args)
    {
        var tool = Tool.Run([.. args, "--broker", "nobody"]);
        var json = Tool.Run([.. args, "--broker", "nobody", "--json"]);

        Assert.Equal((3, 3), (tool.ExitCode, json.ExitCode));
        Assert.Contains("nobody.sock", tool.Errors, StringComparison.Ordinal);
        Assert.Contains("queueipc serve --name nobody", tool.Errors, StringComparison.Ordinal);
        Assert.StartsWith("""{"error":"no broker answers at """, json.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ItemThatBeginsLikeAResponseFile_IsAnItem()
    {
        Assert.Equal(0, Tool.Run(["put", "jobs", "@home"]).ExitCode);
        Assert.Equal("@home", Open<string>().Get(TimeSpan.Zero));
    }

    [GeneratedRegex(@"^  ([a-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex CommandName();

    /// <summary>What nobody at a shell has a use for.</summary>
    [GeneratedRegex(@"System\.|Parameter|LineNumber|isFinal|Queue(Client|Broker)")]
    private static partial Regex WordOfPrograms();

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex OptionName();
}
