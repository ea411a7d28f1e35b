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

    [UnixTheory]
    [InlineData(BrokerPlace.InThisProcess)]
    [InlineData(BrokerPlace.InItsOwnProcess)]
    public void Start_Umask000_FilesAreStillPrivate(BrokerPlace place)
    {
        using var directory = new PrivatePipeDirectory();
        using var umask = UnixCalls.NoUmask();

        using var broker = place.StartBroker(Options);

        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, ModeOf(directory.Path));
        Assert.Equal(OwnerOnly, ModeOf(directory.PathOf(Socket)));
        Assert.Equal(OwnerOnly, ModeOf(directory.PathOf(Lock)));
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

    /// <summary>As if somebody had emptied the directory, and the broker been started once more.</summary>
    [UnixFact]
    public void Dispose_SocketAndLockFileAreAnotherBrokersByNow_TheyStayAndItServes()
    {
        using var directory = new PrivatePipeDirectory();
        var first = QueueBroker.StartProcess(Options);
        using var stillConnected = QueueClient.Connect(Name);
        File.Delete(directory.PathOf(Socket));
        File.Delete(directory.PathOf(Lock));
        using var second = QueueBroker.Start(Options);

        first.Dispose();

        Assert.Equal([Socket, Lock], directory.Files);
        using var client = QueueClient.Connect(Name);
        Assert.Empty(client.GetQueues());
    }

    [UnixFact]
    public void Dispose_SomethingElseIsInTheSocketsPlaceByNow_ItStays()
    {
        using var directory = new PrivatePipeDirectory();
        var broker = QueueBroker.Start(Options);
        using var stillConnected = QueueClient.Connect(Name);
        File.Delete(directory.PathOf(Socket));
        File.WriteAllText(directory.PathOf(Socket), "precious");

        Assert.True(Task.Run(broker.Dispose).Wait(Times.Long));

        Assert.Equal("precious", File.ReadAllText(directory.PathOf(Socket)));
        Assert.Equal([Socket], directory.Files);
    }

    [UnixFact]
    public void Dispose_FilesWereDeleted_EndsAndItsClientsHearOfIt()
    {
        using var directory = new PrivatePipeDirectory();
        var broker = QueueBroker.Start(Options);
        var client = RawClient.Greeted(broker.Endpoint);
        File.Delete(directory.PathOf(Socket));
        File.Delete(directory.PathOf(Lock));

        Assert.True(Task.Run(broker.Dispose).Wait(Times.Long));

        client.ReadErrorAndEnd();
        client.Dispose();
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
