using System.Globalization;
using System.Net.Sockets;
using QueueIpc.Transport;

namespace QueueIpc.Cli.Tool;

/// <summary>Who has an endpoint, also when he does not answer.</summary>
internal static class Listener
{
    /// <summary>The id of the process that listens there. Null when nobody does, or the system does not tell (Windows).</summary>
    public static int? ProcessAt(string endpoint)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return null;
        }

        // The system connects a socket to whoever listens, before he has accepted: without a thread of his, and so also when he is stopped.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Span<byte> answer = stackalloc byte[12];
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(endpoint));

            // Linux: SOL_SOCKET, SO_PEERCRED, whose first field is the process. macOS: SOL_LOCAL, LOCAL_PEERPID.
            _ = OperatingSystem.IsLinux() ? socket.GetRawSocketOption(1, 17, answer) : socket.GetRawSocketOption(0, 2, answer);
        }
        catch (SocketException)
        {
            return null;
        }

        return BitConverter.ToInt32(answer);
    }

    /// <summary>The id of the process that has locked the file. Null when nobody has, or the system does not tell (only Linux does).</summary>
    public static int? ProcessWithLock(UnixFileEntry file)
    {
        const string Locks = "/proc/locks";
        if (!OperatingSystem.IsLinux() || file.Kind != UnixFileKind.File || !File.Exists(Locks))
        {
            return null;
        }

        // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:131074 0 EOF
        return File.ReadLines(Locks)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts is [_, "FLOCK", _, _, _, var place, ..] && place.EndsWith($":{file.Inode}", StringComparison.Ordinal))
            .Select(parts => int.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : (int?)null)
            .FirstOrDefault();
    }
}
