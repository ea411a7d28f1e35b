using System.Net.Sockets;
using QueueIpc.Tests.Support;

namespace QueueIpc.Tests.Processes;

/// <summary>Something else is where a broker's files should be, or the place is none (Unix): refused in words, and nothing is touched.</summary>
public sealed class PipePlaceTests
{
    private const string Name = "broker";
    private static readonly QueueBrokerOptions Options = new() { Name = Name };

    public enum Thing
    {
        OrdinaryFile,
        Directory,
        Link,
        LinkToNothing,
        Fifo,
        LivingDatagramSocket,
    }

    /// <summary>Where a broker puts its socket, makes it, and has its lock.</summary>
    public static TheoryData<string, Thing, BrokerPlace> Places => new(
        from file in new[] { "broker.sock", "broker.sock.new", "broker.sock.lock" }
        from thing in Enum.GetValues<Thing>()
        from place in Enum.GetValues<BrokerPlace>()

            // A broker process of its own differs in how the words travel only.
        where (file, thing) == ("broker.sock", Thing.Fifo) || place == BrokerPlace.InThisProcess
        select (file, thing, place));

    [UnixTheory]
    [MemberData(nameof(Places))]
    public void Start_SomethingElseInAFilesPlace_IsRefusedInWordsAndKept(string file, Thing thing, BrokerPlace place)
    {
        using var directory = new PrivatePipeDirectory();
        var path = directory.PathOf(file);
        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(directory.PathOf("target"), "precious");
        using var living = Make(thing, path, directory.PathOf("target"));
        var before = new FileInfo(path);

        var e = Assert.Throws<IOException>(() => place.StartBroker(Options));

        Assert.Contains($"'{path}'", e.Message);
        Assert.Contains(WordsFor(thing, file), e.Message);
        Assert.Contains("Nothing was changed", e.Message);
        Assert.Contains("choose another name", e.Message);
        var after = new FileInfo(path);
        Assert.Equal((before.Attributes, before.LinkTarget, before.LastWriteTimeUtc), (after.Attributes, after.LinkTarget, after.LastWriteTimeUtc));
        Assert.Equal("precious", File.ReadAllText(directory.PathOf("target")));
        Assert.Equal(new[] { file, "target" }.Order(), directory.Files);
    }

    [UnixTheory]
    [InlineData(Thing.OrdinaryFile, "an ordinary file")]
    [InlineData(Thing.Link, "a symbolic link")]
    [InlineData(Thing.LinkToNothing, "a symbolic link")]
    [InlineData(Thing.Fifo, "a FIFO")]
    public void Start_SomethingElseInTheDirectorysPlace_IsRefusedInWordsAndKept(Thing thing, string words)
    {
        using var directory = new PrivatePipeDirectory();
        var elsewhere = Directory.CreateDirectory(Path.Combine(directory.RuntimePath, "elsewhere"));
        using var living = Make(thing, directory.Path, elsewhere.FullName);

        var e = Assert.Throws<IOException>(() => QueueBroker.Start(Options));

        Assert.Contains($"'{directory.Path}'", e.Message);
        Assert.Contains(words, e.Message);
        Assert.Contains("XDG_RUNTIME_DIR", e.Message);
        Assert.Empty(elsewhere.GetFileSystemInfos());
        Assert.Equal(2, Directory.GetFileSystemEntries(directory.RuntimePath).Length);
    }

    [UnixFact]
    public void Start_DirectoryForPipesBelowAnOrdinaryFile_IsRefusedInWords()
    {
        using var directory = new PrivatePipeDirectory();
        var file = Path.Combine(directory.RuntimePath, "file");
        File.WriteAllText(file, "precious");
        using var variable = new EnvironmentVariable("XDG_RUNTIME_DIR", file);

        var e = Assert.Throws<IOException>(() => QueueBroker.Start(Options));

        Assert.Contains(file, e.Message);
        Assert.Contains("Set XDG_RUNTIME_DIR, or TMPDIR", e.Message);
        Assert.Equal("precious", File.ReadAllText(file));
    }

    [UnixFact]
    public void Start_RuntimeDirectoryIsNotRooted_TheTemporaryOneIsTaken()
    {
        using var directory = new PrivatePipeDirectory();
        using var variable = new EnvironmentVariable("XDG_RUNTIME_DIR", "relative");
        using var broker = QueueBroker.Start();

        Assert.StartsWith(Path.GetTempPath(), broker.Endpoint);
        Assert.False(Directory.Exists("relative"));
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

    [UnixFact]
    public void Start_DirectoryTooLongForAnyPipe_IsRefusedInWords()
    {
        using var directory = new PrivatePipeDirectory();
        var tooLong = Path.Combine(directory.RuntimePath, new string('d', 100));
        using var variable = new EnvironmentVariable("XDG_RUNTIME_DIR", tooLong);

        foreach (var start in new Action[] { () => QueueBroker.Start(Options), () => QueueBroker.StartProcess(Options), () => QueueClient.Connect(Name) })
        {
            var e = Assert.ThrowsAny<IOException>(start);

            Assert.Contains(tooLong, e.Message);
            Assert.Contains($"{(OperatingSystem.IsLinux() ? 103 : 99)} bytes", e.Message);
            Assert.Contains("Set XDG_RUNTIME_DIR, or TMPDIR", e.Message);
        }
    }

    [UnixFact]
    public void Connect_EndpointTooLongForAPipe_IsRefusedInWords()
    {
        var e = Assert.Throws<ArgumentException>(() => QueueClient.Connect($"/{new string('é', 54)}"));

        Assert.Contains("bytes that a pipe's path may have", e.Message);
    }

    private static Socket? Make(Thing thing, string path, string target)
    {
        switch (thing)
        {
            case Thing.OrdinaryFile:
                File.WriteAllText(path, "precious");
                break;
            case Thing.Directory:
                Directory.CreateDirectory(path);
                break;
            case Thing.Link:
                File.CreateSymbolicLink(path, target);
                break;
            case Thing.LinkToNothing:
                File.CreateSymbolicLink(path, $"{target}-that-is-not-there");
                break;
            case Thing.Fifo:
                UnixCalls.MakeFifo(path);
                break;
            case Thing.LivingDatagramSocket:
                var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                return socket;
        }

        return null;
    }

    private static string WordsFor(Thing thing, string file) => thing switch
    {
        Thing.OrdinaryFile when file.EndsWith(".lock", StringComparison.Ordinal) => "has something in it",
        Thing.OrdinaryFile => "is an ordinary file",
        Thing.Directory => "is a directory",
        Thing.Link or Thing.LinkToNothing => "is a symbolic link",
        Thing.Fifo => "is a FIFO",
        _ when file.EndsWith(".lock", StringComparison.Ordinal) => "is a socket",
        _ => "cannot be found out",
    };
}
