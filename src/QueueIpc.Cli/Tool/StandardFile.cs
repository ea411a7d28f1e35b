using System.Runtime.InteropServices;

namespace QueueIpc.Cli.Tool;

/// <summary>
/// Standard input and output that were closed before the program began (&lt;&amp;-, >&amp;-). Their numbers then belong to files of the runtime's own,
/// which nobody may read or write: a read there waits for ever.
/// </summary>
internal static partial class StandardFile
{
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int GetFileFlags = 3;
    private const int AccessMode = 3;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;

    private static readonly Lazy<bool> InputClosed = new(() => IsClosed(0, WriteOnly));
    private static readonly Lazy<bool> OutputClosed = new(() => IsClosed(1, ReadOnly));

    public static bool IsOutputClosed => OutputClosed.Value;

    public static Stream OpenInput() => InputClosed.Value
        ? throw new ToolException("There is nothing to read: the standard input is closed.")
        : Console.OpenStandardInput();

    /// <summary>What a program inherits was not to be closed when it began, and can be used for what it is there for.</summary>
    private static bool IsClosed(int file, int useless) => !OperatingSystem.IsWindows()
        && (fcntl(file, GetDescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0) || (fcntl(file, GetFileFlags) & AccessMode) == useless);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int file, int command);
}
