using System.Net.Sockets;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>The pipe's door: another user of the machine can neither connect, nor squat, nor replace, and learns nothing.</summary>
public sealed class OtherUserTests
{
    private const string Name = "broker";
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
    private static readonly QueueBrokerOptions Options = new() { Name = Name };
    private static readonly QueueClientOptions OneTry = new() { ConnectTimeout = TimeSpan.Zero };

    [OtherUserFact]
    public void Connect_ByAnotherUser_IsRefusedInWords()
    {
        using var directory = new PrivatePipeDirectory();
        OpenToEverybody(directory.RuntimePath);
        using var broker = QueueBroker.Start(Options);

        var e = OtherUser.Run(() => Assert.Throws<UnauthorizedAccessException>(() => QueueClient.Connect(broker.Endpoint, OneTry)));

        Assert.Contains(broker.Endpoint, e.Message);
        Assert.Contains("another user", e.Message);
        AssertServes(broker);
    }

    /// <summary>The second line of defence: were the files open to all, the broker itself looks who comes.</summary>
    [OtherUserFact]
    public void Connect_ByAnotherUserThroughOpenedFiles_IsShutOutByTheBroker()
    {
        using var directory = new PrivatePipeDirectory();
        using var broker = QueueBroker.Start(Options);
        OpenToEverybody(directory.RuntimePath);
        OpenToEverybody(directory.Path);
        OpenToEverybody(broker.Endpoint);

        for (var i = 0; i < 20; i++)
        {
            using var socket = OtherUser.Run(() => ConnectTo(broker.Endpoint));
            AssertClosedWithoutAWord(socket);
        }

        AssertServes(broker);
    }

    [OtherUserFact]
    public void Connect_ToAPipeOfAnotherUser_IsRefusedBeforeAnythingIsSent()
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.Path);
        OpenToEverybody(directory.RuntimePath);
        OpenToEverybody(directory.Path);
        using var squatter = OtherUser.Run(() => ListenAt(directory.PathOf("broker.sock")));

        var e = Assert.Throws<UnauthorizedAccessException>(() => QueueClient.Connect(Name, OneTry));

        Assert.Contains(directory.PathOf("broker.sock"), e.Message);
        using var caught = squatter.Accept();
        AssertClosedWithoutAWord(caught);
    }

    [OtherUserFact]
    public void Start_DirectoryForPipesMadeByAnotherUser_IsRefusedInWordsAndKept()
    {
        using var directory = new PrivatePipeDirectory();
        OpenToEverybody(directory.RuntimePath);
        OtherUser.Run(() => Directory.CreateDirectory(directory.Path));

        foreach (var place in Enum.GetValues<BrokerPlace>())
        {
            var e = Assert.Throws<UnauthorizedAccessException>(() => place.StartBroker(Options));

            Assert.Contains(directory.Path, e.Message);
            Assert.Contains($"{OtherUser.Id}", e.Message);
            Assert.Contains("XDG_RUNTIME_DIR", e.Message);
        }

        Assert.Empty(directory.Files);
    }

    [OtherUserFact]
    public void Start_RuntimeDirectoryThatTheUserMayNotWriteTo_IsRefusedInWords()
    {
        using var directory = new PrivatePipeDirectory();
        OtherUser.Run(() =>
        {
            var e = Assert.Throws<UnauthorizedAccessException>(() => QueueBroker.Start(Options));

            Assert.Contains(directory.Path, e.Message);
            Assert.Contains("Set XDG_RUNTIME_DIR", e.Message);
        });
    }

    [OtherUserFact]
    public void Start_SocketOfAnotherUserInThePipesPlace_IsRefusedInWordsAndKept()
    {
        using var directory = new PrivatePipeDirectory();
        Directory.CreateDirectory(directory.Path);
        using (ListenAt(directory.PathOf("other.sock")))
        {
            // Dead when the broker comes: one of its own user would be replaced.
            File.Move(directory.PathOf("other.sock"), directory.PathOf("broker.sock"));
        }

        UnixCalls.GiveTo(directory.PathOf("broker.sock"), OtherUser.Id);

        foreach (var place in Enum.GetValues<BrokerPlace>())
        {
            var e = Assert.Throws<UnauthorizedAccessException>(() => place.StartBroker(Options));

            Assert.Contains(directory.PathOf("broker.sock"), e.Message);
            Assert.Contains($"belongs to user {OtherUser.Id}", e.Message);
            Assert.Contains("choose another name", e.Message);
        }

        Assert.Equal(["broker.sock"], directory.Files);
    }

    [OtherUserFact]
    public void Replace_ByAnotherUser_IsNotPossible()
    {
        using var directory = new PrivatePipeDirectory();
        OpenToEverybody(directory.RuntimePath);
        using var broker = QueueBroker.Start(Options);

        OtherUser.Run(() =>
        {
            Assert.Throws<UnauthorizedAccessException>(() => File.Delete(broker.Endpoint));
            Assert.Throws<FileNotFoundException>(() => File.Move(broker.Endpoint, directory.PathOf("moved")));
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText($"{broker.Endpoint}.lock", "mine"));
            Assert.Throws<UnauthorizedAccessException>(() => Directory.GetFiles(directory.Path));
            Assert.Throws<UnauthorizedAccessException>(() => QueueBroker.Start(Options));
            Assert.Throws<SocketException>(() => ListenAt(directory.PathOf("other.sock")));
        });

        AssertServes(broker);
    }

    private static void AssertServes(QueueBroker broker)
    {
        using var client = QueueClient.Connect(broker.Endpoint);
        using var queue = client.OpenQueue<int>("queue");
        queue.Put(1);
        Assert.Equal(1, queue.Get(Times.Long));
    }

    private static void AssertClosedWithoutAWord(Socket socket)
    {
        socket.ReceiveTimeout = (int)Times.Long.TotalMilliseconds;
        Assert.Equal(0, socket.Receive(new byte[1]));
    }

    private static Socket ListenAt(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }

    private static Socket ConnectTo(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static void OpenToEverybody(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(path, Everybody);
        }
    }
}
