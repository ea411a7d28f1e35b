using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QueueIpc.Tests.Support;

/// <summary>
/// Another user, without an account: on Linux each thread has credentials of its own (the C library's calls change all of them together, the system calls
/// beneath them one), and files, sockets and the answer to "who is at the other end" go by the thread's. What runs here is not root any more.
/// </summary>
internal static partial class OtherUser
{
    /// <summary>Nobody's, on any machine that has no such account.</summary>
    public const int Id = 4_204_242;

    private const int Unchanged = -1;

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static int SetGroups => IsX64 ? 116 : 159;

    private static int SetGroupIds => IsX64 ? 119 : 149;

    private static int SetUserIds => IsX64 ? 117 : 147;

    /// <summary>Runs it as the other user, on a thread that ends with it.</summary>
    public static T Run<T>(Func<T> body) => Support.Run.OnThread(() =>
    {
        Check(syscall(SetGroups, 0, 0, 0));
        Check(syscall(SetGroupIds, Unchanged, Id, Unchanged));
        Check(syscall(SetUserIds, Unchanged, Id, Unchanged));
        try
        {
            return body();
        }
        finally
        {
            Check(syscall(SetUserIds, Unchanged, 0, Unchanged));
            Check(syscall(SetGroupIds, Unchanged, 0, Unchanged));
        }
    }).GetAwaiter().GetResult();

    public static void Run(Action body) => Run(() =>
    {
        body();
        return true;
    });

    private static void Check(long result)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, long a, long b, long c);
}

/// <summary>A test that needs a second user: Linux, and root.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OtherUserFactAttribute : FactAttribute
{
    public OtherUserFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Skip = "only root can act as another user, and only on Linux one thread alone";
        }
    }
}
