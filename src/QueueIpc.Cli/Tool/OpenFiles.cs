using System.Runtime.InteropServices;

namespace QueueIpc.Cli.Tool;

/// <summary>How many files this process may have open (Unix): with too few, the runtime cannot even load what it needs to say so.</summary>
internal static partial class OpenFiles
{
    /// <summary>Each library of the runtime is one, and a command loads up to some 80.</summary>
    private const ulong Enough = 100;

    /// <summary>What to tell whoever has too few; null when they are enough.</summary>
    public static string? TooFew() =>
        !OperatingSystem.IsWindows() && getrlimit(OperatingSystem.IsLinux() ? 7 : 8, out var limit) == 0 && limit.Most < Enough
            ? $"queueipc: a process may have only {limit.Most} files open here, and needs {Enough}. Raise that with 'ulimit -n'."
            : null;

    private struct Limit
    {
        public ulong Now;
        public ulong Most;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, out Limit limit);
}
