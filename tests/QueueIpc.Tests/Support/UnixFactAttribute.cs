using System.Runtime.CompilerServices;

namespace QueueIpc.Tests.Support;

/// <summary>A test of something that only Unix has: signals that stop a process, sockets and lock files in a directory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = UnixOnly.Reason;
        }
    }
}

/// <summary>Like <see cref="UnixFactAttribute"/>, once for each set of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = UnixOnly.Reason;
        }
    }
}

internal static class UnixOnly
{
    public const string Reason = "not applicable: Windows has no signals that stop or end a process, and its pipes are no files";
}
