using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace QueueIpc.Tests.Support;

/// <summary>kill(2): what .NET does not send to another process. Unix only.</summary>
internal static partial class Signals
{
    private const int SigHup = 1;
    private const int SigInt = 2;
    private const int SigTerm = 15;

    private static int SigStop => OperatingSystem.IsLinux() ? 19 : 17;

    private static int SigContinue => OperatingSystem.IsLinux() ? 18 : 19;

    /// <summary>Asks the process to end, as an operator would.</summary>
    public static void Terminate(int processId) => Send(processId, SigTerm);

    /// <summary>What Ctrl+C sends to every process of a terminal.</summary>
    public static void Interrupt(int processId) => Send(processId, SigInt);

    /// <summary>What a terminal that is closed sends to its processes.</summary>
    public static void HangUp(int processId) => Send(processId, SigHup);

    /// <summary>Stops the worker until the result is disposed, or it is killed.</summary>
    public static IDisposable Stop(WorkerProcess worker) => Stop(worker.Id, () => !worker.HasExited);

    /// <summary>Stops the broker until the result is disposed.</summary>
    public static IDisposable Stop(QueueBroker broker) => Stop(broker.ProcessId, () => true);

    /// <summary>Stops the process until the result is disposed, or it is killed.</summary>
    public static IDisposable Stop(Process process) => Stop(process.Id, () => !process.HasExited);

    private static Stopped Stop(int processId, Func<bool> isThere)
    {
        Send(processId, SigStop);

        // The signal is on its way when kill(2) returns: a thread that is running may do something yet.
        if (OperatingSystem.IsLinux())
        {
            Eventually.True(() => ProcessTable.IsStopped(processId));
        }

        return new Stopped(processId, isThere);
    }

    private static void Send(int processId, int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException(UnixOnly.Reason);
        }

        if (kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);

    private sealed class Stopped(int processId, Func<bool> isThere) : IDisposable
    {
        public void Dispose()
        {
            if (isThere())
            {
                Send(processId, SigContinue);
            }
        }
    }
}
