using System.Diagnostics;

namespace QueueIpc.Tests.Support;

/// <summary>What the operating system says of processes that are not our own children.</summary>
internal static class ProcessTable
{
    /// <summary>Whether the process is there and does something. One that has ended and waits for its new parent to notice is not.</summary>
    public static bool IsRunning(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            return StateOf(processId) is not (null or 'Z' or 'X');
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    public static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    /// <summary>How many files, pipes and the like this process has open.</summary>
    public static int OpenHandles()
    {
        if (OperatingSystem.IsWindows())
        {
            using var process = Process.GetCurrentProcess();
            return process.HandleCount;
        }

        return Directory.GetFileSystemEntries(OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd").Length;
    }

    /// <summary>The letter after the name in parentheses, see proc_pid_stat(5); null when there is no such process.</summary>
    private static char? StateOf(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
