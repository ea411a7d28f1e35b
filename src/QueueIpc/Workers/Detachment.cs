using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace QueueIpc.Workers;

/// <summary>Takes this process out of its starter's terminal (Unix): a session of its own, and none of the terminal's streams.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Detachment
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>No signal of the terminal comes from now on. The standard output is kept: the starter still waits for a line on it.</summary>
    public static void LeaveTerminal()
    {
        // Fails only in a process that leads a group already, and .NET starts none.
        if (setsid() < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        using var nothing = OpenNothing();
        Replace(StandardInput, nothing);
        Replace(StandardError, nothing);
    }

    /// <summary>The starter has read its line: whoever reads the same stream until its end need not wait for this process.</summary>
    public static void LeaveOutput()
    {
        using var nothing = OpenNothing();
        Replace(StandardOutput, nothing);
    }

    private static SafeFileHandle OpenNothing() => File.OpenHandle("/dev/null", access: FileAccess.ReadWrite);

    private static void Replace(int descriptor, SafeFileHandle nothing)
    {
        if (dup2(nothing, descriptor) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup2(SafeFileHandle from, int to);
}
