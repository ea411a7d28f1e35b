using System.Diagnostics;
using QueueIpc.Tests.Docs;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Packages;

/// <summary>The last state that knew version 1 of the protocol alone, built from the history: its client at this broker, and this client at its broker.</summary>
public sealed class PreviousReleaseTests : IDisposable
{
    private const string LastOfVersion1 = "d46441b";
    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(5);
    private readonly OutsideProject _place = new(string.Empty);

    public void Dispose() => _place.Dispose();

    [Fact]
    public void PreviousRelease_ItsClientHereAndThisClientThere_UnderstandEachOther()
    {
        var tool = BuildPrevious();
        ItsClientAtThisBroker(tool);
        ThisClientAtItsBroker(tool);
    }

    private void ItsClientAtThisBroker(string tool)
    {
        using var broker = QueueBroker.Start();
        using var queue = broker.OpenQueue<string>("jobs", new QueueOptions { MaxFailures = 1 });
        queue.PutMany(["a", "b"]);
        queue.Lease().Nack(TimeSpan.Zero, "it is cold");

        Assert.Equal("b\n", Tool("get", "jobs"));
        Assert.Contains("it is cold", Tool("dead", "ls", "jobs"), StringComparison.Ordinal);
        Assert.Equal("jobs: 1 item ready again\n", Tool("dead", "redrive", "jobs"));
        Tool("put", "jobs", "c");
        Assert.Equal(["a", "c"], queue.GetMany(10, TimeSpan.Zero));

        string Tool(params string[] arguments) => _place.Run(Times.Long, OutsideProject.Dotnet, [tool, .. arguments, "--broker", broker.Endpoint]);
    }

    private static void ThisClientAtItsBroker(string tool)
    {
        var name = $"previous-{Guid.NewGuid():N}"[..24];
        using var serving = Process.Start(new ProcessStartInfo(OutsideProject.Dotnet, [tool, "serve", "--name", name]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            using var client = QueueClient.Connect(name, new QueueClientOptions { ConnectTimeout = Times.Long });
            using var queue = client.OpenQueue<string>("jobs", new QueueOptions { MaxFailures = 2, Transient = true });
            queue.PutMany(["a", "b"]);

            var lease = queue.Lease();
            Assert.Throws<NotSupportedException>(() => lease.Sequence);
            lease.Nack(TimeSpan.Zero, "it is cold");
            queue.Lease().Nack(TimeSpan.Zero, "it is cold");

            Assert.Equal("b", queue.Get());
            Assert.Equal("its consumers failed with it", Assert.Single(queue.GetDeadItems(10)).Reason);
            Assert.Throws<NotSupportedException>(() => queue.Redrive([1]));
            Assert.Contains("version 2", Assert.Throws<NotSupportedException>(() => client.UpdateQueue("jobs", new QueueOptions())).Message, StringComparison.Ordinal);
            Assert.Equal(1, queue.Redrive());
            Assert.Equal(["a"], queue.GetMany(10, TimeSpan.Zero));

            // It costs once: whoever connects now says version 1 at once, and is not turned away first.
            using var second = QueueClient.Connect(name);
            Assert.Single(second.GetQueues());
        }
        finally
        {
            serving.Kill(entireProcessTree: true);
            serving.WaitForExit();
        }
    }

    /// <summary>The previous state's tool.</summary>
    private string BuildPrevious()
    {
        Assert.SkipUnless(HasHistory(), $"The history does not reach back to {LastOfVersion1}: clone the repository with all of it.");
        var (archive, sources) = (_place.PathOf("previous.tar"), _place.PathOf("previous"));
        Directory.CreateDirectory(sources);
        _place.Run(BuildTime, "git", "-C", Repository.Root, "archive", "--format=tar", "-o", archive, LastOfVersion1);
        _place.Run(BuildTime, "tar", "-xf", archive, "-C", sources);
        // What the analyzers say of it, they said when it was new.
        OutsideProject.RunIn(sources, "build", "src/QueueIpc.Cli", "-o", _place.PathOf("tool"), "-p:RunAnalyzers=false", "-m:1", "--disable-build-servers", "--nologo", "-v:quiet");
        return _place.PathOf(Path.Combine("tool", "QueueIpc.Cli.dll"));
    }

    private static bool HasHistory()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["-C", Repository.Root, "cat-file", "-e", $"{LastOfVersion1}^{{commit}}"]) { RedirectStandardError = true })!;
            git.WaitForExit();
            return git.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
