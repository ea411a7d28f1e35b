using System.Net.Sockets;
using System.Runtime.Versioning;

namespace QueueIpc.Transport;

/// <summary>
/// The right to serve an endpoint, held for a broker's life (Unix). A second server on the same path would silently steal it from
/// the first, and the socket of a killed broker would block it for ever; so only who holds the lock file replaces the socket,
/// and only if it is a dead socket of this user. On Windows the first instance of a pipe has that right by itself.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class EndpointLock : IDisposable
{
    /// <summary>What the lock file's name has behind its socket's.</summary>
    public const string Suffix = ".lock";

    private readonly string _endpoint;
    private readonly FileStream _file;

    private EndpointLock(string endpoint, FileStream file)
    {
        _endpoint = endpoint;
        _file = file;
    }

    public static EndpointLock Take(string endpoint)
    {
        var path = PathOf(endpoint);
        while (true)
        {
            if (UnixFile.Inspect(path).Kind is not (UnixFileKind.Nothing or UnixFileKind.File))
            {
                throw new IOException($"'{path}' should be a lock file of QueueIpc, and is none. Remove it.");
            }

            var file = Open(path, endpoint);

            // The last holder deletes the file while it holds it; who opened it just before has locked nothing.
            if (UnixFile.IsUnlinked(file.SafeFileHandle))
            {
                file.Dispose();
                continue;
            }

            var taken = new EndpointLock(endpoint, file);
            try
            {
                taken.RemoveStaleSocket();
                return taken;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
    }

    public void Dispose()
    {
        // The socket first, then the lock file, then the lock: nobody can have replaced either before.
        if (UnixFile.Inspect(_endpoint).Kind == UnixFileKind.Socket)
        {
            File.Delete(_endpoint);
        }

        File.Delete(PathOf(_endpoint));
        _file.Dispose();
    }

    private static string PathOf(string endpoint) => endpoint + Suffix;

    private static FileStream Open(string path, string endpoint)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw AlreadyServed(endpoint, e);
        }
    }

    private void RemoveStaleSocket()
    {
        var entry = UnixFile.Inspect(_endpoint);
        if (entry.Kind == UnixFileKind.Nothing)
        {
            return;
        }

        if (entry.Kind != UnixFileKind.Socket)
        {
            throw new IOException($"'{_endpoint}' should be a broker's pipe, and is a {entry.Kind}. Nothing was changed; move it away or choose another name.");
        }

        if (entry.UserId != UnixFile.EffectiveUserId)
        {
            throw new UnauthorizedAccessException($"The pipe '{_endpoint}' belongs to user {entry.UserId}, not to this one ({UnixFile.EffectiveUserId}).");
        }

        if (SomebodyListens(_endpoint))
        {
            throw AlreadyServed(_endpoint, null);
        }

        File.Delete(_endpoint);
    }

    /// <summary>The lock file may have been deleted by hand; a living broker still answers.</summary>
    private static bool SomebodyListens(string endpoint)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(endpoint));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IOException AlreadyServed(string endpoint, Exception? inner) =>
        new($"Another broker serves '{endpoint}' already. Connect to it with QueueClient.Connect, or start this one under another name.", inner);
}
