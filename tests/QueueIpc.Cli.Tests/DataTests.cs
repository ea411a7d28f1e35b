using System.Text.Json;
using QueueIpc.Cli.Tests.Support;
using QueueIpc.Tests.Support;

namespace QueueIpc.Cli.Tests;

/// <summary>Queues on the disk, looked at and copied while no broker has them.</summary>
public sealed class DataTests : ToolTest
{
    private const string Lines = """
        {"queue":"jobs","capacity":1000,"maxBytes":0,"leaseTime":2.5,"maxFailures":3,"isCompleted":true,"isDiscarding":false,"lastSequence":20,"dropped":2}
        {"queue":"jobs","sequence":3,"putAt":"2026-01-02T03:04:05.000006Z","state":"ready","item":"first","format":"messagepack"}
        {"queue":"jobs","sequence":4,"putAt":"2026-01-02T03:04:05.000006Z","state":"ready","item":{"Id":1},"format":"messagepack"}
        {"queue":"jobs","sequence":7,"putAt":"2026-01-02T03:04:05.000006Z","failures":2,"state":"ready","item":"plain bytes","format":"text"}
        {"queue":"jobs","sequence":8,"putAt":"2026-01-02T03:04:06.000000Z","failures":1,"state":"delayed","readyAt":"2099-01-01T00:00:00.000000Z","delay":60,"item":"//8=","format":"binary"}
        {"queue":"jobs","sequence":9,"putAt":"2026-01-02T03:04:06.000000Z","failures":3,"state":"dead","deadSince":"2026-01-03T00:00:00.000000Z","reason":"exit code 1","item":null,"format":"null"}
        {"queue":"jobs","sequence":10,"putAt":"2026-01-02T03:04:07.000000Z","state":"ready","item":"with a note","format":"messagepack","note":"AQIDAwA="}
        {"queue":"other","capacity":0,"maxBytes":0,"leaseTime":30,"maxFailures":5,"isCompleted":false,"isDiscarding":false,"lastSequence":0,"dropped":0}

        """;

    private readonly string _data = Directory.CreateTempSubdirectory("qdata").FullName;

    private string Here => Path.Combine(_data, "here");

    private string There => Path.Combine(_data, "there");

    public override void Dispose()
    {
        base.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public void Export_WhatWasImported_IsTheSameToTheByte()
    {
        var import = Tool.Run(["data", "import", Here], Lines);
        var export = Tool.Run(["data", "export", Here]);

        Assert.Equal((0, "6 items in 2 queues\n", string.Empty), (import.ExitCode, import.Output, import.Errors));
        Assert.Equal((0, Lines.ReplaceLineEndings("\n"), string.Empty), (export.ExitCode, export.Output, export.Errors));
    }

    [UnixFact]
    public void Export_OfABrokerThatWasKilled_ServesInTheSameOrderElsewhere()
    {
        string[] items = [.. Enumerable.Range(0, 2000).Select(i => $"item {i}")];
        using (var broker = Serve(Here))
        {
            using (var client = QueueClient.Connect("durable"))
            using (var queue = client.OpenQueue<string>("jobs"))
            {
                queue.PutMany(items);
                Assert.Equal(items[..100], queue.GetMany(100, Times.Long));
            }

            var inUse = Tool.Run(["data", "info", Here]);
            Assert.Equal((1, $"queueipc: The data directory '{Here}' is used by a broker (process {broker.Id}). Stop it first.\n"), (inUse.ExitCode, inUse.Errors));
            Assert.EndsWith("disk\n", Tool.Run(["ls", "--broker", "durable"]).Output, StringComparison.Ordinal);
            Assert.Contains("OLDEST  KEPT\n", Tool.Run(["top", "--broker", "durable", "--interval", "0.05"]).Output, StringComparison.Ordinal);
            var doctor = Tool.Run(["doctor", "--data", Here]);
            Assert.Equal(0, doctor.ExitCode);
            Assert.Contains($"is used by a broker (process {broker.Id})", doctor.Output, StringComparison.Ordinal);
            End(broker);
        }

        var moved = Tool.Shell($"$queueipc data export {Here} | $queueipc data import {There}");
        var info = JsonDocument.Parse(Tool.Run(["data", "info", There, "--json"]).Output).RootElement;
        using var again = Serve(There);
        using (var client = QueueClient.Connect("durable"))
        using (var queue = client.OpenQueue<string>("jobs"))
        {
            // A get of which the disk had not heard yet may come again.
            var got = queue.GetMany(items.Length, Times.Long).ToArray();
            Assert.InRange(got.Length, 1900, 2000);
            Assert.Equal(items[^got.Length..], got);
            Assert.Equal($"{got.Length} items in 1 queue\n", moved.Output);
            Assert.Equal(got.Length, info.GetProperty("queues")[0].GetProperty("ready").GetInt32());
        }

        End(again);
    }

    [Theory]
    [InlineData("no JSON", "it is no line of an export")]
    [InlineData("""{"item":1}""", "it is no line of an export")]
    [InlineData("""{"queue":"jobs","item":1,"state":"asleep"}""", "'asleep' is no state of an item")]
    [InlineData("""{"queue":"jobs","item":1,"format":"binary"}""", "it is no line of an export")]
    [InlineData("""{"queue":"jobs","sequence":3,"item":1}""", "item 3 of queue 'jobs' comes behind item 3")]
    [InlineData("""{"queue":"jobs","capacity":-1}""", "'capacity' is no number from 0")]
    public void Import_LineThatIsNone_PutsNothingThere(string line, string said)
    {
        var import = Tool.Run(["data", "import", Here], $$"""{"queue":"jobs","sequence":3,"item":"a"}{{"\n"}}{{line}}{{"\n"}}""");

        Assert.Equal(2, import.ExitCode);
        Assert.StartsWith("queueipc: line 2: ", import.Errors, StringComparison.Ordinal);
        Assert.Contains(said, import.Errors, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was imported.\n", import.Errors, StringComparison.Ordinal);
        Assert.Equal("OK: 0 queues, 0 items, all as they were written\n", Tool.Run(["data", "check", Here]).Output);
    }

    [Fact]
    public void Import_QueueThatIsThere_IsRefused()
    {
        Tool.Run(["data", "import", Here], Lines);

        var again = Tool.Run(["data", "import", Here], Lines);

        Assert.Equal((2, "queueipc: line 1: the directory has a queue 'jobs' already; import into a new directory. Nothing was imported.\n"), (again.ExitCode, again.Errors));
    }

    [Fact]
    public void Check_ByteThatTurned_IsSaidAndTheRestIsSaved()
    {
        Tool.Run(["data", "import", Here], Lines);
        var file = Path.Combine(Here, "queues.db");
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf("plain bytes"u8)] ^= 1;
        File.WriteAllBytes(file, bytes);

        var (check, doctor, export) = (Tool.Run(["data", "check", Here]), Tool.Run(["doctor", "--data", Here]), Tool.Run(["data", "export", Here]));

        Assert.Equal((1, 1, 1), (check.ExitCode, doctor.ExitCode, export.ExitCode));
        Assert.StartsWith("FAILED: item 7 of queue 1: it is not what was written\n2 queues and 5 items can be read", check.Output, StringComparison.Ordinal);
        Assert.Contains("BAD  queues       damaged: item 7 of queue 1: it is not what was written\n", doctor.Output, StringComparison.Ordinal);
        Assert.Equal("queueipc: could not be read: item 7 of queue 1: it is not what was written\n", export.Errors);
        Assert.Equal(Lines.ReplaceLineEndings("\n").Split('\n').Where(line => !line.Contains("plain", StringComparison.Ordinal)), export.Output.Split('\n'));
        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void Compact_FileThatWasLarge_IsSmallAndTheSame()
    {
        Tool.Run(["data", "import", Here], Lines);
        var (info, compact, export) = (Tool.Run(["data", "info", Here]), Tool.Run(["data", "compact", Here, "--json"]), Tool.Run(["data", "export", Here]));

        Assert.Equal(["QUEUE  READY  DELAYED  DEAD  BYTES  STATE", "jobs       4        1     1    65B  completed", "other      0        0     0     0B  open"], info.Lines[1..]);
        var sizes = JsonDocument.Parse(compact.Output).RootElement;
        Assert.InRange(sizes.GetProperty("bytesAfter").GetInt64(), 1, sizes.GetProperty("bytesBefore").GetInt64());
        Assert.Equal(Lines.ReplaceLineEndings("\n"), export.Output);
    }

    [Theory]
    [InlineData("info")]
    [InlineData("check")]
    [InlineData("compact")]
    [InlineData("export")]
    public void Run_DirectoryWithoutQueues_IsRefusedAndLeftAsItIs(string command)
    {
        var tool = Tool.Run(["data", command, _data]);

        Assert.Equal((1, $"queueipc: '{_data}' has no queues in it: there is no file 'queues.db'.\n"), (tool.ExitCode, tool.Errors));
        Assert.Empty(Directory.GetFileSystemEntries(_data));
    }

    private static System.Diagnostics.Process Serve(string directory)
    {
        var broker = Tool.Start("serve", "--name", "durable", "--data", directory);
        Assert.StartsWith("listening", broker.StandardOutput.ReadLine(), StringComparison.Ordinal);
        return broker;
    }

    private static void End(System.Diagnostics.Process broker)
    {
        broker.Kill();
        Assert.True(broker.WaitForExit(Times.Long));
    }
}
