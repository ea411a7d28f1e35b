using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace QueueIpc.Transport;

/// <summary>
/// How many files and sockets this process may still open (Unix). Without any, .NET can neither start a thread nor load an assembly, and ends the process
/// when it happens in its own socket or pool threads; so a broker keeps some.
/// </summary>
internal static partial class FileDescriptors
{
    /// <summary>Starting a thread takes 2 for a moment, an assembly 2 for good, the files of a processor count 1.</summary>
    private const int Reserve = 32;

    private static int OpenFiles => OperatingSystem.IsLinux() ? 7 : 8;

    /// <summary>A new descriptor gets the lowest number that is free: so many at least are in use.</summary>
    [UnsupportedOSPlatform("windows")]
    public static bool AreShort(SafeHandle newest) => newest.DangerousGetHandle() >= Limit() - Reserve;

    /// <summary>Before a broker starts, and before it needs more of .NET: refuses in words what would end in the middle of something.</summary>
    public static void CheckForBroker()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var newest = File.OpenHandle("/dev/null");
        if (AreShort(newest))
        {
            throw new IOException(
                $"Too many open files: this process has {newest.DangerousGetHandle()} or more of the {Limit()} file descriptors that it may have, and a broker needs {Reserve} to spare. Raise the limit (ulimit -n), or close some.");
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static long Limit()
    {
        // Room for 64-bit numbers; where they have 32, on 32-bit systems with glibc, the first half of the first one is the answer.
        Span<ulong> limit = [ulong.MaxValue, ulong.MaxValue];
        getrlimit(OpenFiles, ref limit[0]);
        return (long)Math.Min(MemoryMarshal.Read<nuint>(MemoryMarshal.AsBytes(limit)), int.MaxValue);
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ref ulong limit);
}
