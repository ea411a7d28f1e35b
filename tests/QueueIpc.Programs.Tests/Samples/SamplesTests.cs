using System.Security.Cryptography;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Samples;

public sealed class SamplesTests
{
    [Fact]
    public void ProducerConsumer_Run_PrintsItemsInOrderAndTheTimeout()
    {
        var sample = Sample.Run("ProducerConsumer");

        Assert.Equal(
            ["消费者取出: 数据 0", "消费者取出: 数据 1", "消费者取出: 数据 2", "消费者取出: 数据 3", "消费者取出: 数据 4", "队列为空,超时"],
            sample.Output);
        Assert.Equal((0, string.Empty), (sample.ExitCode, sample.Errors));
    }

    [Fact]
    public void TaskDistribution_FolderWithAFileThatCannotBeRead_HashesAllOthers()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 20; i++)
        {
            File.WriteAllText(Path.Combine(folder.Path, $"{i}.txt"), $"file {i}");
        }

        File.CreateSymbolicLink(Path.Combine(folder.Path, "gone.txt"), Path.Combine(folder.Path, "nowhere"));

        var sample = Sample.Run("TaskDistribution", folder.Path);

        Assert.Equal((0, string.Empty), (sample.ExitCode, sample.Errors));
        Assert.Contains($"7.txt: {Convert.ToHexString(SHA256.HashData("file 7"u8))}", sample.Output);
        Assert.StartsWith("gone.txt: no hash. Could not find file", Assert.Single(sample.Output, line => line.StartsWith("gone", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("hashes: 20, without: 1", sample.Output[^1]);
    }

    [Fact]
    public void TaskDistribution_NoFolderGiven_HashesTheSamplesSources()
    {
        var sample = Sample.Run("TaskDistribution");

        var count = Directory.GetFiles(Path.Combine(Sample.Folder("TaskDistribution"), "sources"), "*", SearchOption.AllDirectories).Length;
        Assert.InRange(count, 10, 100);
        Assert.Equal(0, sample.ExitCode);
        Assert.Equal($"hashes: {count}, without: 0", sample.Output[^1]);
    }

    [Fact]
    public void DurableJobs_EverythingKilledInMidWork_GoesOnWhenItIsRunAgain()
    {
        using var folder = new TemporaryFolder();
        var directory = Path.Combine(folder.Path, "jobs");

        var killed = Sample.Run("DurableJobs", directory, "--kill-after", "8");
        var again = Sample.Run("DurableJobs", directory);

        Assert.NotEqual(0, killed.ExitCode);
        Assert.Equal(("20 jobs are put", 9), (killed.Output[0], killed.Output.Length));
        Assert.Equal((0, string.Empty), (again.ExitCode, again.Errors));
        var before = int.Parse(again.Output[0].Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Matches(@"^going on: \d+ of 20 jobs were done before$", again.Output[0]);
        Assert.InRange(before, 7, 20);
        Assert.Equal("all jobs are done", again.Output[^1]);
        Assert.Equal(Enumerable.Range(1, 20), killed.Output[1..].Concat(again.Output[1..^1]).Select(line => int.Parse(line["job ".Length..line.IndexOf(':', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture)).Distinct().Order());
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public void LogCollector_Run_BackPressureIsVisibleAndEveryFileIsInOrder()
    {
        var sample = Sample.Run("LogCollector");

        Assert.Equal((0, string.Empty), (sample.ExitCode, sample.Errors));
        string[] workers = ["worker-1", "worker-2", "worker-3"];
        Assert.Equal(workers.Select(worker => $"{worker} has to wait: the queue is full"), sample.Output[..3].Order());
        Assert.Equal("50 lines of 50 are in the queue; now the collector starts", sample.Output[3]);
        Assert.All(workers.Zip(sample.Output[4..7]), pair => Assert.Matches($@"^{pair.First} has logged 200 lines in \d+ ms, and waited \d+ ms of them$", pair.Second));
        Assert.Equal(workers.Select(worker => $"{worker}.log: 200 lines, all of them in order"), sample.Output[7..]);
    }

    [Fact]
    public void Coordination_Run_BarrierThenRepliesThenEverybodyEnds()
    {
        var sample = Sample.Run("Coordination");

        Assert.Equal((0, string.Empty), (sample.ExitCode, sample.Errors));
        Assert.Equal(
            ["1 of 3 clients are at the start", "2 of 3 clients are at the start", "3 of 3 clients are at the start", "go"],
            sample.Output[..4]);
        Assert.Equal(
            ["client 1: the square of 1 is 1", "client 2: the square of 2 is 4", "client 3: the square of 3 is 9"],
            sample.Output[4..7].Order());
        Assert.Equal(["all servers have ended; together they have answered 3 requests"], sample.Output[7..]);
    }

    [Fact]
    public void Coordination_ParentKilled_ChildrenEndWithoutAWord()
    {
        var errors = Sample.KillAfterFirstLine("Coordination");

        Assert.Empty(errors);
    }

    [Fact]
    public void ChannelBridge_Run_SameCodeSameResultsInOneProcessAndInTwo()
    {
        var sample = Sample.Run("ChannelBridge");

        Assert.Equal((0, string.Empty), (sample.ExitCode, sample.Errors));
        string[] lines = ["order 1 costs 11.90", "order 2 costs 23.80", "order 3 costs 35.70"];
        Assert.Equal([.. lines.Select(line => $"one process:   {line}"), .. lines.Select(line => $"two processes: {line}")], sample.Output);
    }

    [Fact]
    public void HostedWorker_EndsInTheMiddleOfItsWorkAndBeginsAgain_NothingIsLost()
    {
        var sample = Sample.Run("HostedWorker");

        Assert.Equal((0, string.Empty), (sample.ExitCode, sample.Errors));
        Assert.Equal("life 1 begins", sample.Output[0]);
        Assert.Matches(@"^carried over: \d+ orders, \d+ invoices$", sample.Output[1]);
        Assert.Matches(@"^life 1 has ended: 2\d of 40 invoices are written$", sample.Output[2]);
        Assert.Equal(
            ["life 2 begins", "life 2 has ended: 40 of 40 invoices are written", "every order has one invoice: nothing is lost, nothing is done twice"],
            sample.Output[3..]);
    }

    [UnixFact]
    public void HostedWorker_SigTermFromOutsideAgainAndAgain_EveryOrderHasOneInvoice()
    {
        using var folder = new TemporaryFolder();
        var invoices = Path.Combine(folder.Path, "invoices.txt");
        int Written() => File.Exists(invoices) ? File.ReadAllLines(invoices).Length : 0;
        for (var life = 0; life < 4; life++)
        {
            var before = Written();
            var stopped = Sample.TerminateWhen(() => Written() > before, "HostedWorker", folder.Path);
            Assert.Equal((0, string.Empty), (stopped.ExitCode, stopped.Errors));
        }

        var last = Sample.Run("HostedWorker", folder.Path);

        Assert.Equal((0, string.Empty), (last.ExitCode, last.Errors));
        Assert.Equal(Enumerable.Range(1, 40), File.ReadLines(invoices).Select(line => int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    [Fact]
    public void HostedWorker_FolderThatIsNotThereAndThenOneWhereAllIsDone_EveryOrderHasOneInvoice()
    {
        using var parent = new TemporaryFolder();
        var folder = Path.Combine(parent.Path, "orders");
        var first = Sample.Run("HostedWorker", folder);
        var invoices = File.ReadAllLines(Path.Combine(folder, "invoices.txt"));

        var again = Sample.Run("HostedWorker", folder);

        Assert.Equal((0, string.Empty), (first.ExitCode, first.Errors));
        Assert.Equal((0, string.Empty), (again.ExitCode, again.Errors));
        Assert.Equal(40, invoices.Length);
        Assert.Equal(invoices, File.ReadAllLines(Path.Combine(folder, "invoices.txt")));
    }

    [Fact]
    public void HostedWorker_NothingCarriedOver_BeginsWithTheOrdersThatHaveNoInvoice()
    {
        using var folder = new TemporaryFolder();
        var invoices = Path.Combine(folder.Path, "invoices.txt");
        File.WriteAllLines(invoices, Enumerable.Range(1, 38).Select(id => $"order {id} costs 1.00"));

        var sample = Sample.Run("HostedWorker", folder.Path);

        Assert.Equal((0, string.Empty), (sample.ExitCode, sample.Errors));
        Assert.Equal(["39", "40"], File.ReadLines(invoices).Skip(38).Select(line => line.Split(' ')[1]).Order());
    }

    [Fact]
    public void HostedWorker_LeftoversCannotBeRead_SaysSoAndBeginsWithTheOrdersThatHaveNoInvoice()
    {
        using var folder = new TemporaryFolder();
        var (invoices, leftovers) = (Path.Combine(folder.Path, "invoices.txt"), Path.Combine(folder.Path, "leftovers.json"));
        File.WriteAllLines(invoices, Enumerable.Range(1, 38).Select(id => $"order {id} costs 1.00"));
        File.WriteAllText(leftovers, "{\"Orders\":[{\"Id\":3");

        var sample = Sample.Run("HostedWorker", folder.Path);

        Assert.Equal(0, sample.ExitCode);
        Assert.StartsWith($"{leftovers} cannot be read", sample.Errors, StringComparison.Ordinal);
        Assert.Equal(["39", "40"], File.ReadLines(invoices).Skip(38).Select(line => line.Split(' ')[1]).Order());
        Assert.False(File.Exists(leftovers));
    }

    [Theory]
    [InlineData("--nope")]
    [InlineData("one", "two")]
    public void HostedWorker_WrongArguments_SaysHowToUseItAndEndsWith2(params string[] args)
    {
        var sample = Sample.Run("HostedWorker", args);

        Assert.Equal(2, sample.ExitCode);
        Assert.StartsWith("Usage: HostedWorker [folder].", sample.Errors, StringComparison.Ordinal);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("queueipc-test-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
