using System.Text.RegularExpressions;
using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

/// <summary>What is drawn on a terminal, cell by cell.</summary>
public sealed partial class TerminalTests : ToolTest
{
    private const string Wide = "数据数据数据数据数据数据数据数据";

    [Fact]
    public void Ls_NameOfWideCharacters_IsAsWideAsItIsDrawn()
    {
        using var wide = Open<int>(Wide);
        using var accent = Open<int>("e\u0301tude");
        using var direction = Open<int>("turned\u202enruter");

        Assert.Equal(
            [
                "QUEUE                             READY",
                "e\u0301tude                                 0",
                "turned\\u202enruter                    0",
                $"{Wide}      0",
            ],
            Tool.Run(["ls"]).Lines.Select(line => FirstNumber().Match(line).Value));
        Assert.Contains(Rows(columns: 80, "ls"), row => row.StartsWith("数据数据数据数…  ", StringComparison.Ordinal));
    }

    [Fact]
    public void Ls_TerminalThatIsTooNarrow_LeavesTheLastColumnsOut()
    {
        using var queue = Open<int>(Wide);
        queue.PutMany(Enumerable.Range(0, 1000));

        Assert.Equal(["QUE…  READY  LEASED  DELAYED  DEAD  GETS", "数…    1000       0        0     0     0"], Rows(columns: 40, "ls"));
    }

    [Fact]
    public void Top_TerminalThatIsNarrow_LeavesOutTheTrendThenTheEndOfTheNameThenColumns()
    {
        using var queue = Open<int>(Wide);
        queue.PutMany(Enumerable.Range(0, 1000));

        var narrow = Watch(columns: 60, until: "q quits");
        var narrower = Watch(columns: 40, until: "q quits");

        Assert.Contains("数据数据数据数据…     1000      0     0      0      0", narrow, StringComparison.Ordinal);
        Assert.Contains("oldest", narrow, StringComparison.Ordinal);
        Assert.DoesNotContain("trend", narrow, StringComparison.Ordinal);
        Assert.Contains("数据…    1000      0     0      0      0", narrower, StringComparison.Ordinal);
        Assert.DoesNotContain("oldest", narrower, StringComparison.Ordinal);
    }

    [UnixFact]
    public void Top_BrokerThatIsStopped_SaysThatThereIsNoAnswer()
    {
        using var stopped = QueueBroker.StartProcess(new QueueBrokerOptions { Name = "stopped" });
        IDisposable? pause = null;

        var screen = Watch(columns: 80, until: "no answer for 1.", "--broker stopped", atFirstDrawing: () => pause = Signals.Stop(stopped));
        pause?.Dispose();

        Assert.Contains("no queues yet", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Items_CharactersThatAreNotSeen_AreEscaped()
    {
        using var queue = Open<string>();
        queue.PutMany(["a\u202eb\u2028c\u200b\U000e0041\t"]);
        using var record = Open<Named>("records");
        record.Put(new Named("x\u202ey"));

        Assert.Equal("a\\u202eb\\u2028c\\u200b\\udb40\\udc41\t\n", Tool.Run(["peek", "jobs"]).Output);
        Assert.Equal("""{"Name":"x\u202ey"}""" + "\n", Tool.Run(["peek", "records"]).Output);
        Assert.Contains(@"no queue 'a\u202eb'", Tool.Run(["info", "a\u202eb"]).Errors, StringComparison.Ordinal);
    }

    /// <summary>The lines that a command prints on a terminal of that width.</summary>
    private static string[] Rows(int columns, string command)
    {
        using var terminal = StartOnATerminal(columns, $"TERM=dumb $queueipc {command}");
        terminal.StandardInput.Close();
        return Tool.Finish(terminal).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>What 'top' has drawn, without the colours, until there was that text; it ends with q.</summary>
    private static string Watch(int columns, string until, string options = "", Action? atFirstDrawing = null)
    {
        using var terminal = StartOnATerminal(columns, $"$queueipc top --interval 0.1 {options}");
        var screen = string.Empty;
        while (!screen.Contains(until, StringComparison.Ordinal))
        {
            var next = terminal.StandardOutput.Read();
            Assert.True(next >= 0, $"it has ended; so far it said: {screen}");
            screen += (char)next;
            if (screen.EndsWith("q quits", StringComparison.Ordinal))
            {
                atFirstDrawing?.Invoke();
                atFirstDrawing = null;
            }
        }

        terminal.StandardInput.Write('q');
        terminal.StandardInput.Flush();
        Assert.Equal(0, Tool.Finish(terminal).ExitCode);
        return Order().Replace(screen, string.Empty);
    }

    private static System.Diagnostics.Process StartOnATerminal(int columns, string line)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "not applicable: script(1) takes other arguments elsewhere");
        return Tool.StartShell($"script -qec 'stty cols {columns} rows 24; {line}' /dev/null");
    }

    /// <summary>A queue's name and its first number.</summary>
    [GeneratedRegex(@"^\S+ +\S+")]
    private static partial Regex FirstNumber();

    [GeneratedRegex("\e\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Order();

    public sealed record Named(string Name);
}
