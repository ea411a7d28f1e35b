using System.Globalization;
using System.Text;
using QueueIpc.Transport;

namespace QueueIpc.Sqlite;

/// <summary>
/// The directory of a store, held for a broker's life: this user's own, on a disk of this machine, and nobody else's broker in it. SQLite's own lock is not
/// enough: it is gone as soon as the same process reads the file in another way.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string ProcessFile = "process";

    private readonly FileStream? _lock;

    private DataDirectory(string path, FileStream? held) => (Path, _lock) = (path, held);

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "queues.db");

    public string Log => Database + "-wal";

    /// <summary>Space that is given up when the disk is full, so that what was accepted and what is done with can still be written.</summary>
    public string Reserve => System.IO.Path.Combine(Path, "reserve");

    /// <summary>Of the database and its log.</summary>
    public long Bytes => LengthOf(Database) + LengthOf(Log);

    /// <summary>Bytes that this user may still write there.</summary>
    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    public static DataDirectory Take(string path)
    {
        Ensure(path);
        FileStream held;
        try
        {
            held = new FileStream(LockIn(path), Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsOfAnother(e, path))
        {
            throw new DataInUseException($"The data directory '{path}' is used by another broker{ProcessIn(path)}. Connect to that one, or give this one a directory of its own.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The data directory '{path}' cannot be written to ({e.Message}). Change its permissions, or name another directory.", e);
        }

        // Beside the lock: .NET reads no file that somebody has opened for himself alone.
        SayWhoHasIt(System.IO.Path.Combine(path, ProcessFile));
        return new DataDirectory(path, held);
    }

    /// <summary>A directory with data in it, held while it is looked at. Nothing is made or changed in it: it may be a copy, which nobody can write to.</summary>
    public static DataDirectory Hold(string path)
    {
        var place = new DataDirectory(path, held: null);
        if (!File.Exists(place.Database))
        {
            throw new IOException($"'{path}' has no queues in it: there is no file 'queues.db'.");
        }

        try
        {
            return File.Exists(LockIn(path)) ? new DataDirectory(path, new FileStream(LockIn(path), Options(FileMode.Open, FileAccess.Read, FileShare.None))) : place;
        }
        catch (IOException e) when (IsOfAnother(e, path))
        {
            throw new DataInUseException($"The data directory '{path}' is used by a broker{ProcessIn(path)}. Stop it first.", e);
        }
    }

    /// <summary>SQLite makes its files by the umask; these have the mode of the first one.</summary>
    public static void MakeFile(string path)
    {
        using var file = new FileStream(path, Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite));
    }

    public void MakeReserve(long bytes)
    {
        if (HasReserve)
        {
            return;
        }

        try
        {
            var options = Options(FileMode.CreateNew, FileAccess.Write, FileShare.None);
            options.PreallocationSize = bytes;
            using var file = new FileStream(Reserve, options);
            file.SetLength(bytes);
        }
        catch (IOException)
        {
            // No room for it now; it is tried again when there is.
            File.Delete(Reserve);
        }
    }

    public bool HasReserve => File.Exists(Reserve);

    public void GiveUpReserve() => File.Delete(Reserve);

    public void Dispose() => _lock?.Dispose();

    private static long LengthOf(string file) => new FileInfo(file) is { Exists: true, Length: var bytes } ? bytes : 0;

    private static string LockIn(string path) => System.IO.Path.Combine(path, "lock");

    private static bool IsOfAnother(IOException e, string path) => OperatingSystem.IsWindows() ? File.Exists(LockIn(path)) : UnixFile.IsLockedByOther(e);

    private static void Create(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else if (UnixFile.Inspect(path).Kind == UnixFileKind.Nothing)
            {
                Directory.CreateDirectory(path, Private);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new IOException($"The data directory '{path}' cannot be made: {e.Message} Make it yourself, or name another place.", e);
        }
    }

    private static void Ensure(string path)
    {
        Create(path);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var entry = UnixFile.Inspect(path);
        if (entry.Kind is not (UnixFileKind.Directory or UnixFileKind.Link) || !Directory.Exists(path))
        {
            throw new IOException($"'{path}' must be a directory for the queues' data, and is {entry.Description}. Nothing was changed; name another directory.");
        }

        if (entry.UserId != UnixFile.EffectiveUserId)
        {
            throw new UnauthorizedAccessException($"The data directory '{path}' belongs to user {entry.UserId}, not to this one ({UnixFile.EffectiveUserId}). Nothing was changed; name a directory of your own.");
        }

        if (NetworkFileSystem(path) is { } kind)
        {
            throw new IOException($"The data directory '{path}' is on a network file system ({kind}), where a flush and a lock do not mean what they must. Name a directory on a disk of this machine.");
        }

        if (entry.Kind == UnixFileKind.Directory && entry.Mode != Private)
        {
            File.SetUnixFileMode(path, Private);
        }
    }

    /// <summary>Its kind, if files there live on another machine.</summary>
    public static string? NetworkFileSystem(string path)
    {
        var format = new DriveInfo(path).DriveFormat;
        return format.StartsWith("nfs", StringComparison.OrdinalIgnoreCase) || format is "cifs" or "smb" or "smb2" or "smbfs" or "9p" or "v9fs" or "afs" or "ceph" or "fuse.sshfs" or "afpfs" or "webdav" ? format : null;
    }

    private static void SayWhoHasIt(string path)
    {
        try
        {
            using var file = new FileStream(path, Options(FileMode.Create, FileAccess.Write, FileShare.Read));
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            // A disk that is full: it is only for a message.
        }
    }

    private static string ProcessIn(string directory)
    {
        try
        {
            var text = File.ReadAllText(System.IO.Path.Combine(directory, ProcessFile));
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? $" (process {process})" : string.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            options.UnixCreateMode = PrivateFile;
        }

        return options;
    }
}

/// <summary>A broker has the directory.</summary>
internal sealed class DataInUseException(string message, Exception inner) : IOException(message, inner);
