using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QueueIpc.Transport;

internal enum UnixFileKind
{
    Nothing,
    File,
    Directory,
    Socket,
    Link,
    Fifo,
    Device,
}

internal readonly record struct UnixFileEntry(UnixFileKind Kind, UnixFileMode Mode, uint UserId, ulong Inode)
{
    /// <summary>What to call it in a message.</summary>
    public string Description => Kind switch
    {
        UnixFileKind.File => "an ordinary file",
        UnixFileKind.Directory => "a directory",
        UnixFileKind.Socket => $"a socket of user {UserId}",
        UnixFileKind.Link => "a symbolic link",
        UnixFileKind.Fifo => "a FIFO",
        _ => "a device",
    };
}

/// <summary>What .NET does not tell of a file on Unix: its owner, its inode, and whether it is a socket. Links are not followed.</summary>
internal static partial class UnixFile
{
    private const int NoEntry = 2;
    private const int AccessDenied = 13;
    private const int NotADirectory = 20;
    private const int StatBytes = 256;

    public static uint EffectiveUserId => geteuid();

    /// <summary>Whether a file could not be opened because somebody else has locked it (EWOULDBLOCK). Every other error is no answer to that question.</summary>
    public static bool IsLockedByOther(IOException e) => e.HResult == (OperatingSystem.IsLinux() ? 11 : 35);

    public static UnixFileEntry Inspect(string path)
    {
        Span<byte> stat = stackalloc byte[StatBytes];
        if (Stat(path, stat) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            var words = $"'{path}' cannot be inspected: {new Win32Exception(error).Message}.";
            return error switch
            {
                NoEntry or NotADirectory => default,
                AccessDenied => throw new UnauthorizedAccessException(words),
                _ => throw new IOException(words),
            };
        }

        // Where the fields are: struct statx of Linux is the same on every architecture (stx_uid at 20, stx_mode at 28, stx_ino at 32, see statx(2));
        // struct stat of macOS with 64-bit inodes has st_mode at 4, st_ino at 8 and st_uid at 16.
        var isLinux = OperatingSystem.IsLinux();
        var mode = MemoryMarshal.Read<ushort>(stat[(isLinux ? 28 : 4)..]);
        var userId = MemoryMarshal.Read<uint>(stat[(isLinux ? 20 : 16)..]);
        var inode = MemoryMarshal.Read<ulong>(stat[(isLinux ? 32 : 8)..]);
        return new UnixFileEntry(KindOf(mode), (UnixFileMode)(mode & 0xFFF), userId, inode);
    }

    /// <summary>Whether the open file has no name any more: somebody has deleted it.</summary>
    public static bool IsUnlinked(SafeFileHandle file)
    {
        Span<byte> stat = stackalloc byte[StatBytes];
        const int TheFileItself = 0x1000;
        const uint BasicStats = 0x7ff;
        var result = OperatingSystem.IsLinux() ? statx((int)file.DangerousGetHandle(), string.Empty, TheFileItself, BasicStats, ref stat[0])
            : RuntimeInformation.ProcessArchitecture == Architecture.X64 ? fstat_inode64(file, ref stat[0])
            : fstat(file, ref stat[0]);
        if (result != 0)
        {
            throw new IOException($"An open file cannot be inspected: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }

        // The number of names: 32 bits at 16 of struct statx, 16 bits at 6 of macOS's struct stat.
        return OperatingSystem.IsLinux() ? MemoryMarshal.Read<uint>(stat[16..]) == 0 : MemoryMarshal.Read<ushort>(stat[6..]) == 0;
    }

    private static int Stat(string path, Span<byte> stat)
    {
        const int CurrentDirectory = -100;
        const int DoNotFollow = 0x100;
        const uint BasicStats = 0x7ff;
        return OperatingSystem.IsLinux() ? statx(CurrentDirectory, path, DoNotFollow, BasicStats, ref stat[0])
            : RuntimeInformation.ProcessArchitecture == Architecture.X64 ? lstat_inode64(path, ref stat[0])
            : lstat(path, ref stat[0]);
    }

    private static UnixFileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => UnixFileKind.File,
        0x4000 => UnixFileKind.Directory,
        0xC000 => UnixFileKind.Socket,
        0xA000 => UnixFileKind.Link,
        0x1000 => UnixFileKind.Fifo,
        _ => UnixFileKind.Device,
    };

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lstat(string path, ref byte buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fstat(SafeFileHandle file, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64", SetLastError = true)]
    private static partial int fstat_inode64(SafeFileHandle file, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lstat_inode64(string path, ref byte buffer);
}
