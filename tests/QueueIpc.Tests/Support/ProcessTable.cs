using System.Diagnostics;
using System.Globalization;

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

    /// <summary>Whether every thread of the process is stopped, or it is gone (Linux).</summary>
    public static bool IsStopped(int processId)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{processId}/task").All(task => StateOf(task) is null or 'T' or 'Z' or 'X');
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
    }

    public static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    /// <summary>Kills a process that may have ended already.</summary>
    public static void KillIfThere(int processId)
    {
        try
        {
            Kill(processId);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>How many files, pipes and the like this process has open.</summary>
    public static int OpenHandles()
    {
        if (OperatingSystem.IsWindows())
        {
            // An ended thread's handles are closed with its object.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var process = Process.GetCurrentProcess();
            return process.HandleCount;
        }

        return Directory.GetFileSystemEntries(OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd").Length;
    }

    /// <summary>The session that the process belongs to (Linux).</summary>
    public static int SessionOf(int processId) => int.Parse(StatOf(processId)![3], CultureInfo.InvariantCulture);

    /// <summary>All processes that run and were started with that variable in their environment, by its value (Linux).</summary>
    public static ILookup<string, int> ByEnvironment(string variable) => Directory.EnumerateDirectories("/proc")
        .Select(directory => int.TryParse(Path.GetFileName(directory), out var id) ? id : 0)
        .Where(id => id > 0)
        .Select(id => (Id: id, Value: EnvironmentOf(id).FirstOrDefault(text => text.StartsWith($"{variable}=", StringComparison.Ordinal))?[(variable.Length + 1)..]))
        .Where(process => process.Value is not null && IsRunning(process.Id))
        .ToLookup(process => process.Value!, process => process.Id);

    private static char? StateOf(int processId) => StateOf($"/proc/{processId}");

    private static char? StateOf(string directory) => StatOf(directory)?[0][0];

    private static string[]? StatOf(int processId) => StatOf($"/proc/{processId}");

    /// <summary>What stands behind the name in parentheses, see proc_pid_stat(5); null when there is no such process or thread.</summary>
    private static string[]? StatOf(string directory)
    {
        try
        {
            var stat = File.ReadAllText($"{directory}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string[] EnvironmentOf(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/environ").Split('\0');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
