using System.ComponentModel;
using System.Runtime.InteropServices;

namespace QueueIpc.Cli.Output;

/// <summary>
/// A terminal, a file, or a pipe of a system that does not tell how far it was read: what is written is printed. Not Console.Out,
/// which takes a closed pipe for a success, and not a FileStream, which has a place in the file of its own.
/// </summary>
internal sealed unsafe partial class PlainOutput : ItemOutput
{
    private const int StandardOutput = 1;
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;
    private const int WindowsStandardOutput = -11;
    private const int WindowsBrokenPipe = 109;
    private const int WindowsPipeClosing = 232;

    public override Printed Print(ReadOnlySpan<byte> bytes, IReadOnlyList<int> ends)
    {
        for (var written = 0; written < bytes.Length;)
        {
            var count = Write(bytes[written..]);
            if (count < 0)
            {
                return new Printed(CountUntil(written, ends), IsOver: true);
            }

            written += count;
        }

        return new Printed(ends.Count, IsOver: false);
    }

    public override void Dispose()
    {
        // The standard output is not ours to close.
    }

    /// <summary>How many bytes were written; -1 when nobody reads any more.</summary>
    private static int Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            uint onWindows = 0;
            var done = OperatingSystem.IsWindows()
                ? WriteFile(GetStdHandle(WindowsStandardOutput), start, (uint)bytes.Length, &onWindows, 0) != 0 ? (int)onWindows : -1
                : (int)write(StandardOutput, start, bytes.Length);
            return done >= 0 ? done : Marshal.GetLastPInvokeError() switch
            {
                BrokenPipe when !OperatingSystem.IsWindows() => -1,
                WindowsBrokenPipe or WindowsPipeClosing when OperatingSystem.IsWindows() => -1,
                Interrupted when !OperatingSystem.IsWindows() => 0,
                var error => throw new IOException($"The output cannot be written: {new Win32Exception(error).Message}."),
            };
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int file, void* bytes, nint count);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    private static partial int WriteFile(nint file, void* bytes, uint count, uint* written, nint overlapped);

    [LibraryImport("kernel32.dll")]
    private static partial nint GetStdHandle(int which);
}
