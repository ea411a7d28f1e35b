using System.ComponentModel;
using System.Runtime.InteropServices;

namespace QueueIpc.Tests.Support;

/// <summary>What .NET does not do with files on Unix.</summary>
internal static partial class UnixCalls
{
    private const uint OwnerOnly = 0b110_000_000;

    private static int OpenFiles => OperatingSystem.IsLinux() ? 7 : 8;

    public static void MakeFifo(string path) => Check(mkfifo(path, OwnerOnly));

    public static void GiveTo(string path, int userId) => Check(lchown(path, userId, userId));

    /// <summary>What is made meanwhile gets all rights that it is not refused.</summary>
    public static IDisposable NoUmask() => new Umask(umask(0));

    /// <summary>As "ulimit -n": how many files this process may have open at once.</summary>
    public static void LimitOpenFiles(int filesMax)
    {
        var limit = new Limit { Soft = filesMax, Hard = filesMax };
        Check(setrlimit(OpenFiles, in limit));
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, int userId, int groupId);

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, in Limit limit);

    private sealed class Umask(uint before) : IDisposable
    {
        public void Dispose() => _ = umask(before);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public long Soft;
        public long Hard;
    }
}
