using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Transport;

/// <summary>The files of brokers that had no chance to delete them.</summary>
public sealed class AbandonedPipesTests
{
    private static readonly DateTime LongAgo = DateTime.UnixEpoch;

    [Fact]
    public void Start_AnUnnamedBrokerWasKilledLongAgo_ItsFilesAreCleared()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A pipe of Windows is no file.");
        var endpoint = KillBroker();
        File.SetLastWriteTimeUtc(LockOf(endpoint), LongAgo);

        using var broker = QueueBroker.Start();

        Assert.False(File.Exists(endpoint));
        Assert.False(File.Exists(LockOf(endpoint)));
    }

    [Fact]
    public void Start_AnUnnamedBrokerWasKilledJustNow_ItsFilesAreLeftForALaterOne()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A pipe of Windows is no file.");
        var endpoint = KillBroker();
        File.SetLastWriteTimeUtc(LockOf(endpoint), DateTime.UtcNow);

        using var broker = QueueBroker.Start();

        Assert.True(File.Exists(LockOf(endpoint)));
    }

    [Fact]
    public void Start_AnUnnamedBrokerLivesSinceLong_ItsFilesAreKeptAndItServes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A pipe of Windows is no file.");
        using var old = QueueBroker.Start();
        File.SetLastWriteTimeUtc(LockOf(old.Endpoint), LongAgo);

        using var broker = QueueBroker.Start();

        Assert.True(File.Exists(LockOf(old.Endpoint)));
        using var queue = IpcQueue.Open<int>(old.Endpoint, "queue");
        queue.Put(1);
        Assert.Equal(1, queue.Get(Times.Long));
    }

    private static string LockOf(string endpoint) => $"{endpoint}.lock";

    /// <summary>A child has a broker of its own, and is killed.</summary>
    private static string KillBroker()
    {
        using var endpoints = IpcQueue.Create<string>();
        using var child = WorkerProcess.Start(HaveBroker, endpoints);
        var endpoint = endpoints.Get(Times.Long);
        child.Kill();
        child.WaitForExit();
        Assert.True(File.Exists(LockOf(endpoint)));
        return endpoint;
    }

    private static void HaveBroker(IpcQueue<string> endpoints)
    {
        using var queue = IpcQueue.Create<int>();
        endpoints.Put(queue.Endpoint);
        queue.Get();
    }
}
