using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QueueIpc.Tests.Support;

/// <summary>
/// Whoever is started in the background of a shell script ignores Ctrl+C, and under nohup(1) hanging up; so does all that it starts, and .NET leaves it at that.
/// Tests that send these signals must find them as they usually are, however the tests were started.
/// </summary>
internal static partial class IgnoredSignals
{
    /// <summary>SIGHUP, SIGINT and SIGQUIT.</summary>
    private static readonly int[] Numbers = [1, 2, 3];

    private const nint Usual = 0;
    private const nint Ignored = 1;

    [ModuleInitializer]
    internal static void Restore()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var number in Numbers)
        {
            // The handler is what stands first in the struct, on every Unix.
            var action = new nint[64];
            if (sigaction(number, 0, action) == 0 && action[0] == Ignored)
            {
                signal(number, Usual);
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int number, nint action, nint[] old);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);
}
