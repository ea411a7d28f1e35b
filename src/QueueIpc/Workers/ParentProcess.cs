using System.Diagnostics;
using System.Runtime.InteropServices;

namespace QueueIpc.Workers;

/// <summary>The process that started this one.</summary>
internal static partial class ParentProcess
{
    /// <summary>Whether it is still there. On Unix an orphan gets another parent at once, even while the dead one is still listed.</summary>
    public static bool IsThere(int processId)
    {
        if (!OperatingSystem.IsWindows())
        {
            return getppid() == processId;
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [LibraryImport("libc")]
    private static partial int getppid();
}
