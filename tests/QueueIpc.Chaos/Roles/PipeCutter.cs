using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace QueueIpc.Chaos.Roles;

/// <summary>Shuts down this process's pipes to a broker beneath the library, in the middle of whatever is being sent (Unix).</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class PipeCutter
{
    private const int AddressBytes = 128;
    private const int FamilyBytes = 2;
    private const int ReadAndWrite = 2;

    /// <summary>Every socket of this process whose other end is bound to that path.</summary>
    /// <param name="endpoint">The path.</param>
    /// <param name="cutting">Called just before the first cut, when all that takes time is done.</param>
    /// <returns>How many there were.</returns>
    public static int CutAll(string endpoint, Action cutting)
    {
        int[] mine = [.. DescriptorsOf(endpoint)];
        _ = shutdown(-1, ReadAndWrite);
        cutting();
        return mine.Count(descriptor => shutdown(descriptor, ReadAndWrite) == 0);
    }

    private static List<int> DescriptorsOf(string endpoint)
    {
        var found = new List<int>();
        Span<byte> address = stackalloc byte[AddressBytes];
        var path = Encoding.UTF8.GetBytes(endpoint);
        foreach (var entry in Directory.EnumerateFileSystemEntries(OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd"))
        {
            var descriptor = int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture);
            var length = AddressBytes;
            if (getpeername(descriptor, ref address[0], ref length) == 0 && address[FamilyBytes..].StartsWith(path))
            {
                found.Add(descriptor);
            }
        }

        return found;
    }

    [LibraryImport("libc")]
    private static partial int getpeername(int socket, ref byte address, ref int length);

    [LibraryImport("libc")]
    private static partial int shutdown(int socket, int how);
}
