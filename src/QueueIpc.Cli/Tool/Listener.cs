using System.Net.Sockets;

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
}
