using System.Diagnostics;
using System.Text.Json;
using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

public sealed class BrokerCommandTests : ToolTest
{
    [Fact]
    public void Ls_SomeQueues_OneLineEachByName()
    {
        using var small = Open<int>("small", new QueueOptions { Capacity = 1 });
        small.Put(1);
        using var other = Open<int>("a queue");

        var lines = Tool.Run(["ls"]).Lines;

        Assert.Equal(3, lines.Length);
        Assert.StartsWith("a queue", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("full", lines[2], StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Tool.Run(["ls", "--json"]).Output);
        Assert.Equal((2, 1), (json.RootElement.GetArrayLength(), json.RootElement[1].GetProperty("ready").GetInt32()));
    }

    [Fact]
    public void Ls_LongName_IsShortenedOnATerminalAndWholeInAPipe()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "not applicable: script(1) takes other arguments elsewhere");
        var name = new string('q', 100);
        using var queue = Open<int>(name);
        using var number = Open<int>("2026-" + name);
        using var terminal = Tool.StartShell("script -qec 'stty cols 80 rows 24; TERM=dumb $queueipc ls' /dev/null");
        terminal.StandardInput.Close();

        var rows = Tool.Finish(terminal).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        Assert.Equal(3, rows.Length);
        Assert.All(rows, row => Assert.InRange(row.Length, 1, 80));
        Assert.Matches("^2026-q+…  ", rows[1]);
        Assert.Matches("^q{5,}…  .*  open$", rows[2]);
        Assert.StartsWith($"{name}  ", Tool.Run(["ls"]).Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Info_OneQueue_HasItsNumbers()
    {
        using var queue = Open<int>();
        queue.PutMany([1, 2, 3]);
        queue.Get();

        var text = Tool.Run(["info", "jobs"]).Output;
        using var json = JsonDocument.Parse(Tool.Run(["info", "jobs", "--json"]).Output);

        Assert.Contains("ever      3 put, 1 taken", text, StringComparison.Ordinal);
        Assert.Equal(3, json.RootElement.GetProperty("totalPut").GetInt32());
    }

    [Fact]
    public void Conns_ClientThatHoldsAndWaits_IsListedWithBoth()
    {
        using var client = QueueClient.Connect(Broker.Endpoint);
        using var queue = client.OpenQueue<int>("jobs");
        using var empty = client.OpenQueue<int>("none");
        queue.PutMany([1, 2]);
        using var lease = queue.Lease();
        using var cancel = new CancellationTokenSource();
        var waiting = empty.GetAsync(cancel.Token).AsTask();
        Eventually.True(() => empty.GetInfo().WaitingGets == 1);

        var rows = Tool.Run(["conns"]).Lines.Skip(1).Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        using var json = JsonDocument.Parse(Tool.Run(["conns", "--json"]).Output);
        cancel.Cancel();

        Assert.Contains(rows, row => row[0] == $"{Environment.ProcessId}" && row.Skip(4).SequenceEqual(["jobs", "1", "-"]));
        Assert.Contains(rows, row => row[0] == $"{Environment.ProcessId}" && row.Skip(4).SequenceEqual(["none", "0", "1 get"]));
        Assert.Contains(json.RootElement.EnumerateArray(), it => it.GetProperty("user").GetString() == Environment.UserName && it.GetProperty("queues").GetArrayLength() == 2);
    }

    [Fact]
    public void Ping_BrokerThere_AnswersByNameAndByEndpoint()
    {
        Assert.Contains($"process {Environment.ProcessId}", Tool.Run(["ping"]).Output, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", Tool.Run(["ping", "--broker", "test"]).Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Tool.Run(["ping", "--json", "-b", Broker.Endpoint]).Output);
        Assert.Equal(Broker.Endpoint, json.RootElement.GetProperty("endpoint").GetString());
    }

    [Fact]
    public void Check_LimitsKeptOrNot_ExitsWith0Or1AndSaysWhat()
    {
        using var queue = Open<int>();
        queue.PutMany([1, 2, 3]);
        queue.Lease().DeadLetter("no");

        var kept = Tool.Run(["check", "jobs", "--max-ready", "2", "--max-oldest", "3600", "--max-dead", "1"]);
        var broken = Tool.Run(["check", "--max-ready", "1", "--max-oldest", "0", "--max-dead", "0"]);
        var missing = Tool.Run(["check", "typo", "--json"]);

        Assert.Equal((0, "OK: 1 queue\n"), (kept.ExitCode, kept.Output));
        Assert.Equal(1, broken.ExitCode);
        Assert.Matches(@"^FAILED: jobs: 2 ready, more than 1; jobs: the oldest item waits for [\d.]+s, longer than 0 s; jobs: 1 dead, more than 0\n$", broken.Output);
        Assert.Equal((1, """{"ok":false,"queues":0,"problems":["typo: there is no such queue"]}"""), (missing.ExitCode, missing.Output.Trim()));
    }

    [Fact]
    public void Get_BrokerThatIsKilledMeanwhile_SaysSoWithoutTheWordsOfTheLibrary()
    {
        using var killed = QueueBroker.StartProcess(new QueueBrokerOptions { Name = "killed" });
        using var client = QueueClient.Connect(killed.Endpoint);
        using var tool = Tool.Start("get", "jobs", "--follow", "--broker", "killed");
        Eventually.True(() => client.GetQueues().Any(queue => queue.WaitingGets == 1));

        Process.GetProcessById(killed.ProcessId).Kill();
        var end = Tool.Finish(tool);

        Assert.Equal(3, end.ExitCode);
        Assert.Matches(@"^queueipc: the broker went away( \(.*\))?\.\n$", end.Errors);
    }

    [Fact]
    public void Top_OutputThatIsNoTerminal_IsOneSnapshotWithoutColours()
    {
        using var queue = Open<int>();
        queue.PutMany([1, 2]);

        var tool = Tool.Run(["top", "--interval", "0.1"]);

        Assert.Equal((0, 2), (tool.ExitCode, tool.Lines.Length));
        Assert.Equal(["jobs", "2", "0", "0", "0", "0"], tool.Lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..6]);
        Assert.DoesNotContain('\e', tool.Output);
    }

    [Fact]
    public void Top_OnATerminal_DrawsUntilQIsPressed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "not applicable: script(1) takes other arguments elsewhere");
        using var queue = Open<int>("a queue");
        queue.PutMany([1, 2]);

        using var terminal = Tool.StartShell("script -qec 'stty cols 80 rows 24; $queueipc top --interval 0.1' /dev/null");
        var screen = string.Empty;
        while (!screen.Contains("q quits", StringComparison.Ordinal))
        {
            var next = terminal.StandardOutput.Read();
            Assert.True(next >= 0, $"it has ended; so far it said: {screen}");
            screen += (char)next;
        }

        terminal.StandardInput.Write('q');
        terminal.StandardInput.Flush();

        Assert.Equal(0, Tool.Finish(terminal).ExitCode);
        Assert.Contains("a queue", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y")]
    [InlineData("Yes")]
    [InlineData("YES")]
    public void Destructive_OnATerminal_IsAskedFor(string yes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "not applicable: script(1) takes other arguments elsewhere");
        using var queue = Open<int>();
        queue.Put(1);

        Assert.Contains("remove 1 item from 'jobs'. Go on? [y/N]", Answer("n").Output, StringComparison.Ordinal);
        Assert.Equal(1, queue.Count);
        Assert.Equal(0, Answer(yes).ExitCode);
        Assert.Equal(0, queue.Count);

        static Tool Answer(string answer)
        {
            using var terminal = Tool.StartShell("script -qec '$queueipc clear jobs' /dev/null");
            terminal.StandardInput.WriteLine(answer);
            terminal.StandardInput.Flush();
            return Tool.Finish(terminal);
        }
    }

    [Fact]
    public void Bench_ShortRun_HasAFigureForEachScenario()
    {
        using var json = JsonDocument.Parse(Tool.Run(["bench", "--seconds", "0.1", "--json"]).Output);

        Assert.Equal(5, json.RootElement.GetArrayLength());
        Assert.All(json.RootElement.EnumerateArray(), result => Assert.True(result.GetProperty("perSecond").GetDouble() > 0));
    }

    [UnixFact]
    public void Doctor_ThingsInOrderOrNot_SaysWhich()
    {
        File.WriteAllText(Path.Combine(PipeDirectory, "file.sock"), "no socket");

        var bad = Tool.Run(["doctor"]);
        File.Delete(Path.Combine(PipeDirectory, "file.sock"));
        var good = Tool.Run(["doctor", "--json"]);

        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("file.sock is a File", bad.Output, StringComparison.Ordinal);
        Assert.Equal(0, good.ExitCode);
        using var json = JsonDocument.Parse(good.Output);
        Assert.All(json.RootElement.EnumerateArray(), finding => Assert.True(finding.GetProperty("ok").GetBoolean()));
        Assert.Equal(1, Tool.Run(["doctor", "--broker", "typo"]).ExitCode);
    }

    [UnixFact]
    public void Doctor_BrokerThatWasKilled_IsNoFaultAndOneThatIsStoppedIs()
    {
        using var killed = QueueBroker.StartProcess(new QueueBrokerOptions { Name = "killed" });
        Process.GetProcessById(killed.ProcessId).Kill();
        Assert.True(killed.Completion.ContinueWith(_ => { }, TaskScheduler.Default).Wait(Times.Long));
        using var stopped = QueueBroker.StartProcess(new QueueBrokerOptions { Name = "stopped" });

        var before = Tool.Run(["doctor"]);
        Tool meanwhile;
        using (Signals.Stop(stopped))
        {
            meanwhile = Tool.Run(["doctor"]);
        }

        Assert.Equal(0, before.ExitCode);
        Assert.Contains("killed.sock: left over by a broker that was killed", before.Output, StringComparison.Ordinal);
        Assert.Equal(1, meanwhile.ExitCode);
        Assert.Contains($"stopped.sock: process {stopped.ProcessId} listens, and nobody answers", meanwhile.Output, StringComparison.Ordinal);
    }
}
