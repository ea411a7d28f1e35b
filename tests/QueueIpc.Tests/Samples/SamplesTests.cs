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
    public void TaskDistribution_OneWorkerKilled_EveryTaskIsDoneAndTheRepeatedOneRecognised()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 20; i++)
        {
            File.WriteAllText(Path.Combine(folder.Path, $"{i}.txt"), $"file {i}");
        }

        var sample = Sample.Run("TaskDistribution", folder.Path);

        Assert.Equal(0, sample.ExitCode);
        Assert.Contains(sample.Output, line => line.StartsWith("killed worker ", StringComparison.Ordinal));
        Assert.Contains(sample.Output, line => line.Contains(" was done again by worker ", StringComparison.Ordinal));
        Assert.Contains("20/20", sample.Output);
        Assert.Equal("20 of 20 hashes, 1 repeated and recognised by its task id", sample.Output[^1]);
    }

    [Fact]
    public void TaskDistribution_NoFolderGiven_HashesItsOwnSources()
    {
        var sample = Sample.Run("TaskDistribution");

        Assert.Equal(0, sample.ExitCode);
        Assert.Equal("2 of 2 hashes, 1 repeated and recognised by its task id", sample.Output[^1]);
    }

    [Fact]
    public void TaskDistribution_FolderIsMissing_SaysSoAndEndsWith2()
    {
        var sample = Sample.Run("TaskDistribution", "/no/such/folder");

        Assert.Equal((2, "There is no folder '/no/such/folder'. Give one whose files shall be hashed."), (sample.ExitCode, sample.Errors.Trim()));
    }

    [Fact]
    public void LogCollector_Run_BackPressureIsVisibleAndEveryFileIsInOrder()
    {
        var sample = Sample.Run("LogCollector");

        Assert.Equal(0, sample.ExitCode);
        Assert.Equal("the queue is full: 50 lines of 50, and 3 processes wait to log more", sample.Output[0]);
        Assert.Equal(
            ["worker-1.log: 200 lines, in order", "worker-2.log: 200 lines, in order", "worker-3.log: 200 lines, in order"],
            sample.Output[^3..]);
        Assert.Equal(3, sample.Output.Count(line => line.Contains("the queue held it up for", StringComparison.Ordinal)));
    }

    [Fact]
    public void Coordination_Run_BarrierThenRepliesThenEverybodyEnds()
    {
        var sample = Sample.Run("Coordination");

        Assert.Equal(0, sample.ExitCode);
        Assert.Equal(["1 of 3 are at the start", "2 of 3 are at the start", "3 of 3 are at the start", "go"], sample.Output[..4]);
        Assert.Equal(
            ["client 1: the square of 1 is 1", "client 2: the square of 2 is 4", "client 3: the square of 3 is 9"],
            sample.Output[4..7].Order());
        Assert.Equal(["the clients' answers together: 14", "the server answered 3 requests and has ended"], sample.Output[7..]);
    }

    [Fact]
    public void ChannelBridge_Run_SameCodeSameResultsInOneProcessAndInTwo()
    {
        var sample = Sample.Run("ChannelBridge");

        Assert.Equal(0, sample.ExitCode);
        string[] lines = ["order 1 costs 11.90", "order 2 costs 23.80", "order 3 costs 35.70"];
        Assert.Equal([.. lines.Select(line => $"one process : {line}"), .. lines.Select(line => $"two processes: {line}")], sample.Output);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("queueipc-test-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
