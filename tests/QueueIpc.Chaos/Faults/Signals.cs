using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace QueueIpc.Chaos.Faults;

/// <summary>kill(2): what .NET does not send to another process.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Signals
{
    public static void Stop(WorkerProcess worker) => Send(worker, OperatingSystem.IsLinux() ? 19 : 17);

    public static void Continue(WorkerProcess worker) => Send(worker, OperatingSystem.IsLinux() ? 18 : 19);

    /// <summary>A process that has ended is left in peace: its number may be another's.</summary>
    private static void Send(WorkerProcess worker, int signal)
    {
        if (!worker.HasExited && kill(worker.Id, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);
}
