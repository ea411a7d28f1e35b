using System.Runtime.InteropServices;
using System.Text;

namespace QueueIpc.Cli.Output;

/// <summary>
/// A standard output that was closed before the program began (>&amp;-). Its number then belongs to a file of the runtime's own, which nobody may
/// write to: what is to be printed fails, in words.
/// </summary>
internal sealed partial class ClosedOutput : TextWriter
{
    private const int StandardOutput = 1;
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int GetFileFlags = 3;
    private const int AccessMode = 3;

    private static readonly Lazy<bool> Closed = new(() => !OperatingSystem.IsWindows()
        && (fcntl(StandardOutput, GetDescriptorFlags) is var flags && (flags < 0 || (flags & CloseOnExec) != 0) || (fcntl(StandardOutput, GetFileFlags) & AccessMode) == 0));

    /// <summary>What a program inherits was not to be closed when it began, and what it may print to can be written to.</summary>
    public static bool IsClosed => Closed.Value;

    public static IOException Failure => new("The output cannot be written: the standard output is closed.");

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => throw Failure;

    public override void Write(string? value) => throw Failure;

    public override void WriteLine(string? value) => throw Failure;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int file, int command);
}
