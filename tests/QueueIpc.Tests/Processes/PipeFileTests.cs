using System.Net.Sockets;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>The files of a broker's pipe (Unix): private, gone after an orderly end, and nothing that is not ours is ever touched.</summary>
public sealed class PipeFileTests
{
    private const string Name = "broker";
    private const string Socket = "broker.sock";
    private const string Lock = "broker.sock.lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly QueueBrokerOptions Options = new() { Name = Name };

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Start_Files_ArePrivateAndGoneAfterDispose(BrokerPlace place)
    {
        using var directory = new PrivatePipeDirectory();
        var broker = place.StartBroker(Options);
        Assert.Equal([Socket, Lock], directory.Files);
        Assert.Equal(directory.PathOf(Socket), broker.Endpoint);
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, ModeOf(directory.Path));
        Assert.Equal(OwnerOnly, ModeOf(directory.PathOf(Socket)));
        Assert.Equal(OwnerOnly, ModeOf(directory.PathOf(Lock)));

        broker.Dispose();

        Assert.Empty(directory.Files);
    }

    [UnixFact]
    public void Start_DirectoryThatOthersMayEnter_IsMadePrivate()
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.Path);
        SetMode(directory.Path, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        using var broker = QueueBroker.Start(Options);

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, ModeOf(directory.Path));
    }

    [UnixFact]
    public void Start_LinkInTheDirectorysPlace_IsRefusedInWords()
    {
        using var directory = new PrivatePipeDirectory();
        var elsewhere = Directory.CreateTempSubdirectory("qipc");
        Directory.CreateSymbolicLink(directory.Path, elsewhere.FullName);

        var e = Assert.Throws<IOException>(() => QueueBroker.Start(Options));

        Assert.Contains(directory.Path, e.Message);
        Assert.Empty(elsewhere.GetFileSystemInfos());
        elsewhere.Delete();
    }

    [UnixFact]
    public void Exit_OfAProcessThatDidNotDisposeItsBroker_LeavesNoFiles()
    {
        using var directory = new PrivatePipeDirectory();
        using var workers = new Workforce();
        var worker = workers.Add(WorkerProcess.Start(StartBrokerAndReturn));
        Assert.True(worker.WaitForExit(Times.Long));
        Assert.Equal(0, worker.ExitCode);
        Assert.Empty(directory.Files);
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Start_OrdinaryFileInTheSocketsPlace_IsRefusedInWordsAndKept(BrokerPlace place)
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(directory.PathOf(Socket), "precious");

        var e = Assert.Throws<IOException>(() => place.StartBroker(Options));

        Assert.Contains(directory.PathOf(Socket), e.Message);
        Assert.Contains("File", e.Message);
        Assert.Equal("precious", File.ReadAllText(directory.PathOf(Socket)));
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Start_DirectoryInTheSocketsPlace_IsRefusedInWordsAndKept(BrokerPlace place)
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.PathOf(Socket));

        var e = Assert.Throws<IOException>(() => place.StartBroker(Options));

        Assert.Contains("Directory", e.Message);
        Assert.True(Directory.Exists(directory.PathOf(Socket)));
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Start_LinkInTheSocketsPlace_IsRefusedInWordsAndKeptWithItsTarget(BrokerPlace place)
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(directory.PathOf("target"), "precious");
        File.CreateSymbolicLink(directory.PathOf(Socket), directory.PathOf("target"));

        var e = Assert.Throws<IOException>(() => place.StartBroker(Options));

        Assert.Contains("Link", e.Message);
        Assert.Equal("precious", File.ReadAllText(directory.PathOf(Socket)));
        Assert.Equal(directory.PathOf("target"), new FileInfo(directory.PathOf(Socket)).LinkTarget);
    }

    [UnixFact]
    public void Start_LinkInTheLockFilesPlace_IsRefusedInWordsAndKept()
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(directory.PathOf("target"), "precious");
        File.CreateSymbolicLink(directory.PathOf(Lock), directory.PathOf("target"));

        var e = Assert.Throws<IOException>(() => QueueBroker.Start(Options));

        Assert.Contains(directory.PathOf(Lock), e.Message);
        Assert.Equal("precious", File.ReadAllText(directory.PathOf("target")));
        Assert.Equal([Lock, "target"], directory.Files);
    }

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Start_LockFileOfALivingBrokerWasDeleted_TheSecondDoesNotStealItsSocket(BrokerPlace place)
    {
        using var directory = new PrivatePipeDirectory();
        var first = place.StartBroker(Options);
        using var before = QueueClient.Connect(Name);
        using var queue = before.OpenQueue<int>("queue");
        queue.Put(1);
        File.Delete(directory.PathOf(Lock));

        var e = Assert.Throws<IOException>(() => QueueBroker.Start(Options));

        Assert.Contains("Another broker serves", e.Message);
        using (var after = QueueClient.Connect(Name))
        using (var same = after.OpenQueue<int>("queue"))
        {
            Assert.Equal(1, same.Get(Times.Long));
        }

        first.Dispose();
        Assert.Empty(directory.Files);
    }

    [UnixFact]
    public void Start_SocketThatNobodyServes_IsReplaced()
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.Path);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(directory.PathOf("other.sock")));
            File.Move(directory.PathOf("other.sock"), directory.PathOf(Socket));
        }

        using var broker = QueueBroker.Start(Options);

        using var client = QueueClient.Connect(Name);
        Assert.Empty(client.GetQueues());
    }

    [UnixFact]
    public void Start_LongestNameInALongDirectory_StillFindsItsBroker()
    {
        using var directory = new PrivatePipeDirectory();
        var name = new string('n', 64);
        using var broker = QueueBroker.Start(new QueueBrokerOptions { Name = name });
        using var client = QueueClient.Connect(name);
        Assert.Equal(broker.Endpoint, client.Endpoint);
    }

    private static void StartBrokerAndReturn()
    {
        var broker = QueueBroker.Start();
        broker.OpenQueue<int>("queue").Put(1);
    }

    private static UnixFileMode ModeOf(string path) =>
        OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException(UnixOnly.Reason) : File.GetUnixFileMode(path);

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
