using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using QueueIpc.Cli.Output;
using QueueIpc.Protocol;
using QueueIpc.Transport;

namespace QueueIpc.Cli.Tool;

/// <summary>One thing that was looked at. With advice, it is not as it should be.</summary>
internal sealed record Finding(string What, string Value, string? Advice = null);

/// <summary>Looks at what brokers and clients need, and changes nothing.</summary>
internal static partial class Diagnosis
{
    private static readonly TimeSpan PatienceWithABusyOne = TimeSpan.FromSeconds(2);

    private const string OfYourOwn = "Set XDG_RUNTIME_DIR, or TMPDIR, to a directory that this user can write to.";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static IEnumerable<Finding> Versions()
    {
        yield return new("tool", $"queueipc {VersionOf(typeof(Diagnosis))}, protocol {ProtocolLimits.Version}");
        yield return new("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}");
    }

    /// <summary>The broker that commands would talk to. It need not be there, unless somebody named it.</summary>
    public static IEnumerable<Finding> Broker(string? said)
    {
        var set = Environment.GetEnvironmentVariable(QueueClient.EndpointVariable);
        var broker = BrokerChoice.Of(said);
        var why = said is not null ? "--broker" : string.IsNullOrEmpty(set) ? "the default" : $"${QueueClient.EndpointVariable}";
        var (value, advice) = Try(broker);
        yield return new("broker", $"'{broker}' ({why}): {value}", why == "the default" ? null : advice);
    }

    public static IEnumerable<Finding> Directory()
    {
        if (OperatingSystem.IsWindows())
        {
            yield return new("directory", "none: pipes have names of their own on Windows");
            yield break;
        }

        yield return Directory(PipeDirectory.Path);
    }

    /// <summary>Each socket and each lock in the directory, and whether a broker lives there.</summary>
    public static IEnumerable<Finding> Endpoints()
    {
        if (OperatingSystem.IsWindows() || !System.IO.Directory.Exists(PipeDirectory.Path))
        {
            yield break;
        }

        foreach (var endpoint in FilesOfBrokers().Select(WithoutLock).Distinct().Order(StringComparer.Ordinal))
        {
            yield return Endpoint(endpoint);
        }
    }

    /// <summary>None where they are not for us to see: what is wrong with the directory is said of the directory.</summary>
    private static string[] FilesOfBrokers()
    {
        try
        {
            return System.IO.Directory.GetFileSystemEntries(PipeDirectory.Path, "*.sock*");
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static string WithoutLock(string file) => file.EndsWith(EndpointLock.Suffix, StringComparison.Ordinal) ? file[..^EndpointLock.Suffix.Length] : file;

    [UnsupportedOSPlatform("windows")]
    private static Finding Directory(string path)
    {
        UnixFileEntry entry;
        try
        {
            entry = UnixFile.Inspect(path);
        }
        catch (UnauthorizedAccessException e)
        {
            return new("directory", e.Message, OfYourOwn);
        }

        return entry.Kind switch
        {
            UnixFileKind.Nothing => NotThere(path),
            not UnixFileKind.Directory => new("directory", $"{path} is a {entry.Kind}", "Brokers cannot make their directory here: move it away, or set XDG_RUNTIME_DIR."),
            _ when entry.UserId != UnixFile.EffectiveUserId => new("directory", $"{path} belongs to user {entry.UserId}", $"Brokers refuse it. {OfYourOwn}"),
            _ when entry.Mode != Private => new("directory", $"{path} has mode {Octal(entry.Mode)}", "Others can get at it: 'chmod 700' it. The next broker that starts does so too."),
            _ when !CanMakeFilesIn(path) => new("directory", $"{path} is yours, and cannot be written", OfYourOwn),
            _ => new("directory", $"{path}, mode {Octal(entry.Mode)}, yours"),
        };
    }

    /// <summary>Whether a broker can make it, and what is missing of the path to it.</summary>
    private static Finding NotThere(string path)
    {
        var place = path;
        while (!Path.Exists(place))
        {
            place = Path.GetDirectoryName(place)!;
        }

        return CanMakeFilesIn(place)
            ? new("directory", $"{path} is not there; the first broker makes it")
            : new("directory", $"{path} is not there, and cannot be made in {place}", OfYourOwn);
    }

    private static bool CanMakeFilesIn(string place)
    {
        const int WriteAndEnter = 3;
        return System.IO.Directory.Exists(place) && access(place, WriteAndEnter) == 0;
    }

    [UnsupportedOSPlatform("windows")]
    private static Finding Endpoint(string endpoint)
    {
        var (socket, mutex) = (UnixFile.Inspect(endpoint), UnixFile.Inspect(endpoint + EndpointLock.Suffix));
        if (socket.Kind is not (UnixFileKind.Nothing or UnixFileKind.Socket))
        {
            return new("endpoint", $"{endpoint} is a {socket.Kind}", "No broker can start here: move it away.");
        }

        if (mutex.Kind is not (UnixFileKind.Nothing or UnixFileKind.File))
        {
            return new("endpoint", $"{endpoint}{EndpointLock.Suffix} is a {mutex.Kind}", "No broker can start here: remove it.");
        }

        if (socket.Kind == UnixFileKind.Nothing)
        {
            return Listener.ProcessWithLock(mutex) is { } holder
                ? new("endpoint", $"{endpoint}: its socket was deleted, and process {holder} holds its lock", "A broker puts its socket back within seconds. If it does not, end that process.")
                : new("endpoint", $"{endpoint}: a lock file without a socket; left over, or a broker just starts");
        }

        // Whether a process has the socket; whether it answers is another question.
        if (EndpointLock.FailureToConnect(endpoint) is { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return new("endpoint", $"{endpoint}: left over by {LeftOver(Path.GetFileName(endpoint), hasLock: mutex.Kind != UnixFileKind.Nothing)}");
        }

        var (value, advice) = Try(endpoint);
        var who = Listener.ProcessAt(endpoint) is { } process ? $"process {process}" : "a process";
        return advice is not null ? new("endpoint", $"{endpoint}: {who} listens, and {value}", "Its process is stopped, or stuck, or has no file descriptors left: let it go on, or end it.")
            : mutex.Kind == UnixFileKind.Nothing ? new("endpoint", $"{endpoint}: {value}, but its lock file is gone", "Restart this broker: without the lock nothing guards its place.")
            : new("endpoint", $"{endpoint}: {value}");
    }

    /// <summary>The name of an unnamed broker never comes again: others remove what it left, and know it by its lock file.</summary>
    private static string LeftOver(string file, bool hasLock) =>
        !file.StartsWith(PipeNames.UnnamedPrefix, StringComparison.Ordinal) ? "a broker that was killed; the next one replaces it"
        : hasLock ? "an unnamed broker that was killed; the next broker that starts removes it, once it is a minute old"
        : "an unnamed broker, and its lock file is gone; nobody needs it, and nobody but you removes it";

    private static (string Value, string? Advice) Try(string broker)
    {
        try
        {
            using var client = BrokerChoice.Connect(broker, PatienceWithABusyOne);
            return ($"answers, process {client.BrokerProcessId}, {Words.Count(client.GetQueues().Count, "queue")}", null);
        }
        catch (Exception e) when (e is ToolException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return ("nobody answers", e.Message.Replace(BrokerChoice.SeeDoctor, ".", StringComparison.Ordinal));
        }
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8);

    private static string VersionOf(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "?";

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int how);
}
