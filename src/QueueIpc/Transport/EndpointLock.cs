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

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _endpoint;
    private FileStream _file;
    private int _generation;
    private ulong? _publishedInode;

    private EndpointLock(string endpoint, FileStream file)
    {
        _endpoint = endpoint;
        _file = file;
    }

    /// <summary>
    /// Where the socket is to be made. System.IO.Pipes deletes whatever is at the path of its socket, before and after; here nobody else has anything, and
    /// the socket comes to its endpoint with <see cref="Publish"/>, when only its owner may connect.
    /// </summary>
    public string UnpublishedPath => _endpoint + (_generation == 0 ? PipeNames.UnpublishedSuffix : $".n{_generation % 100:00}");

    /// <summary>Whether somebody has deleted the socket that was published.</summary>
    public bool IsWithdrawn => _publishedInode is not null && UnixFile.Inspect(_endpoint).Kind == UnixFileKind.Nothing;

    public static EndpointLock Take(string endpoint)
    {
        var path = endpoint + Suffix;
        while (true)
        {
            if (UnixFile.Inspect(path) is { Kind: not (UnixFileKind.Nothing or UnixFileKind.File) } entry)
            {
                throw new IOException($"'{path}' should be a lock file of QueueIpc, and is {entry.Description}. Nothing was changed; move it away or choose another name.");
            }

            var file = Open(path, endpoint);

            // The last holder deletes the file while it holds it; who opened it just before has locked nothing.
            if (UnixFile.IsUnlinked(file.SafeFileHandle))
            {
                file.Dispose();
                continue;
            }

            if (file.Length > 0)
            {
                file.Dispose();
                throw new IOException($"'{path}' should be a lock file of QueueIpc, which is empty, and has something in it. Nothing was changed; move it away or choose another name.");
            }

            var taken = new EndpointLock(endpoint, file);
            try
            {
                RemoveDeadSocket(endpoint, endpoint);
                RemoveDeadSocket(endpoint + PipeNames.UnpublishedSuffix, endpoint);
                return taken;
            }
            catch
            {
                taken.Dispose();
                throw;
            }
        }
    }

    /// <summary>Why nobody can connect to the socket; null if somebody can, because a process has it.</summary>
    public static SocketException? FailureToConnect(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException e)
        {
            return e;
        }
    }

    /// <summary>
    /// The socket was deleted: another one is to be made at <see cref="UnpublishedPath"/>. False if the lock file was deleted, too, and another broker has taken the name since.
    /// </summary>
    public bool TryBeginAnew()
    {
        if (UnixFile.IsUnlinked(_file.SafeFileHandle))
        {
            try
            {
                var again = Open(_endpoint + Suffix, _endpoint);
                _file.Dispose();
                _file = again;
            }
            catch (IOException)
            {
                return false;
            }
        }

        _generation++;
        RemoveDeadSocket(UnpublishedPath, _endpoint);
        return true;
    }

    /// <summary>The socket is listening: from now on clients find it.</summary>
    public void Publish()
    {
        File.SetUnixFileMode(UnpublishedPath, OwnerOnly);
        _publishedInode = UnixFile.Inspect(UnpublishedPath).Inode;
        File.Move(UnpublishedPath, _endpoint, overwrite: true);
    }

    /// <summary>Clients do not find the socket any more. While it is open its inode is its own: what else has come to its place stays.</summary>
    public void Withdraw()
    {
        if (_publishedInode is { } inode && UnixFile.Inspect(_endpoint) is { Kind: UnixFileKind.Socket } entry && entry.Inode == inode)
        {
            File.Delete(_endpoint);
        }

        _publishedInode = null;
    }

    /// <summary>After <see cref="Withdraw"/>, when the socket is closed.</summary>
    public void Dispose()
    {
        // First the file, then the lock: whoever waits for it must not get hold of a file that is about to go. If it was deleted by hand, another broker's may be there.
        if (!UnixFile.IsUnlinked(_file.SafeFileHandle))
        {
            File.Delete(_endpoint + Suffix);
        }

        _file.Dispose();
    }

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
                UnixCreateMode = OwnerOnly,
            });
        }
        catch (IOException e) when (UnixFile.IsLockedByOther(e))
        {
            throw AlreadyServed(endpoint, e);
        }
    }

    private static void RemoveDeadSocket(string path, string endpoint)
    {
        var entry = UnixFile.Inspect(path);
        if (entry.Kind == UnixFileKind.Nothing)
        {
            return;
        }

        if (entry.Kind != UnixFileKind.Socket)
        {
            throw new IOException($"'{path}' should be a broker's pipe, and is {entry.Description}. Nothing was changed; move it away or choose another name.");
        }

        if (entry.UserId != UnixFile.EffectiveUserId)
        {
            throw new UnauthorizedAccessException($"The pipe '{path}' belongs to user {entry.UserId}, not to this one ({UnixFile.EffectiveUserId}). Nothing was changed; choose another name, or set XDG_RUNTIME_DIR to a directory of your own.");
        }

        if (SomebodyListens(path))
        {
            throw AlreadyServed(endpoint, null);
        }

        File.Delete(path);
    }

    /// <summary>The lock file may have been deleted by hand, and a living broker still answers. Only "refused" says that nobody is there.</summary>
    private static bool SomebodyListens(string path) => FailureToConnect(path) switch
    {
        null => true,
        { SocketErrorCode: SocketError.ConnectionRefused } => false,
        var e => throw new IOException($"Whether anybody serves the pipe '{path}' cannot be found out: {e.Message}. Nothing was changed; move it away or choose another name.", e),
    };

    private static IOException AlreadyServed(string endpoint, Exception? inner) =>
        new($"Another broker serves '{endpoint}' already. Connect to it, or start this one under another name.", inner);
}
