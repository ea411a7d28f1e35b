using System.Text.RegularExpressions;
using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Docs;

namespace QueueIpc.Cli.Tests;

public sealed partial class CommandLineTests : ToolTest
{
    private static readonly string[] DeadCommands = ["dead ls", "dead show", "dead redrive", "dead rm"];

    [Fact]
    public void Help_OfEveryCommand_HasAnExampleAndAPlaceInTheDocument()
    {
        var document = Repository.Read("docs/cli.md");
        var all = Tool.Run(["--help"]).Output;
        var commands = CommandName().Matches(all[all.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value).Where(name => name != "dead").Concat(DeadCommands).ToArray();

        Assert.Equal(19, commands.Length);
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
    [InlineData("nonsense")]
    [InlineData("ls", "--nonsense")]
    [InlineData("get")]
    [InlineData("get", "jobs", "--count", "0")]
    [InlineData("get", "jobs", "--count", "x")]
    [InlineData("get", "jobs", "--count", "1", "--follow")]
    [InlineData("get", "jobs", "--timeout", "-1")]
    [InlineData("put", "jobs", "a", "--raw", "--json-items")]
    [InlineData("put", "jobs", "{", "--json-items")]
    [InlineData("ping", "--broker", "no good name")]
    public void Run_CommandLineThatIsNone_ExitsWith2AndChangesNothing(params string[] args)
    {
        var tool = Tool.Run(args);

        Assert.Equal(2, tool.ExitCode);
        Assert.NotEmpty(tool.Errors + tool.Output);
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

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex OptionName();
}
