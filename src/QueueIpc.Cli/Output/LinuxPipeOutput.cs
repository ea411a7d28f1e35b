using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace QueueIpc.Cli.Output;

/// <summary>
/// A pipe on Linux, which tells how far it was read. It is made so small that it is either full or empty, and each piece is written when the one
/// before it was read. So when the reader closes it, what it never read is known to the byte, and is not lost.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class LinuxPipeOutput : ItemOutput
{
    /// <summary>One page, the smallest pipe there is; so much is written at once or not at all.</summary>
    private const int PieceBytes = 4096;

    /// <summary>So many items are handed over one by one: a reader that wants a few ('head') is not given more than it asked for.</summary>
    private const int SingleItems = 1000;

    private const int StandardOutput = 1;
    private const int SetPipeSize = 1031;
    private const ulong UnreadBytes = 0x541B;
    private const short CanWrite = 4;
    private const short CanRead = 1;
    private const int Interrupted = 4;
    private const int BrokenPipe = 32;
    private const int CloseOnExec = 0x80000;

    private readonly int _stopped;
    private readonly CancellationTokenRegistration _registration;
    private long _printed;

    private LinuxPipeOutput(CancellationToken stop)
    {
        _stopped = Check(eventfd(0, CloseOnExec));
        _registration = stop.UnsafeRegister(static event_ => { ulong one = 1; _ = write((int)event_!, &one, sizeof(ulong)); }, _stopped);
    }

    private enum Wait
    {
        Empty,
        Closed,
        Stopped,
    }

    /// <summary>Null when the standard output is no pipe, or one that somebody else has written to.</summary>
    public static LinuxPipeOutput? TryOpen(CancellationToken stop) => fcntl(StandardOutput, SetPipeSize, PieceBytes) >= 0 ? new LinuxPipeOutput(stop) : null;

    public override Printed Print(ReadOnlySpan<byte> bytes, IReadOnlyList<int> ends)
    {
        var written = 0;
        for (var item = 0; written < bytes.Length; item += CountUntil(written, ends, from: item))
        {
            var piece = bytes[written..PieceEnd(written, item, ends)];
            if (WaitUntilRead() is not Wait.Empty and var why)
            {
                return Over(why, written, ends);
            }

            if (!TryWrite(piece))
            {
                return Over(Wait.Closed, written, ends);
            }

            written += piece.Length;
        }

        if (WaitUntilRead() is not Wait.Empty and var last)
        {
            return Over(last, written, ends);
        }

        _printed += ends.Count;
        return new Printed(ends.Count, IsOver: false);
    }

    public override void Dispose()
    {
        _registration.Dispose();
        _ = close(_stopped);
    }

    /// <summary>One item, later as many whole ones as fit: several programs may write to one pipe, and their lines stay whole. A large item is cut.</summary>
    private int PieceEnd(int written, int item, IReadOnlyList<int> ends)
    {
        var items = _printed + item < SingleItems ? 1 : CountUntil(written + PieceBytes, ends, from: item);
        return Math.Min(ends[item + Math.Max(items, 1) - 1], written + PieceBytes);
    }

    /// <summary>What a reader that has gone never read was not printed. One that is still there will read what is in the pipe.</summary>
    private static Printed Over(Wait why, int written, IReadOnlyList<int> ends)
    {
        var unread = 0;
        if (why == Wait.Closed)
        {
            Check(ioctl(StandardOutput, UnreadBytes, &unread));
        }

        return new Printed(CountUntil(written - unread, ends), IsOver: true);
    }

    private Wait WaitUntilRead()
    {
        var both = stackalloc Poll[2];
        both[0] = new Poll { File = StandardOutput, Events = CanWrite, Happened = 0 };
        both[1] = new Poll { File = _stopped, Events = CanRead, Happened = 0 };
        while (poll(both, 2, -1) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw new Win32Exception();
            }
        }

        // A closed pipe can be written to as well, to be told so.
        return (both[0].Happened & ~CanWrite) != 0 ? Wait.Closed : both[0].Happened != 0 ? Wait.Empty : Wait.Stopped;
    }

    private static bool TryWrite(ReadOnlySpan<byte> piece)
    {
        fixed (byte* bytes = piece)
        {
            nint done;
            while ((done = write(StandardOutput, bytes, piece.Length)) < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            {
                // A signal came before anything was written.
            }

            if (done < 0 && Marshal.GetLastPInvokeError() == BrokenPipe)
            {
                return false;
            }

            return Check((int)done) == piece.Length ? true : throw new IOException("A write to an empty pipe was cut short.");
        }
    }

    private static int Check(int result) => result >= 0 ? result : throw new IOException($"The standard output cannot be used: {new Win32Exception().Message}.");

    private struct Poll
    {
        public int File;
        public short Events;
        public short Happened;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int file, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int file, ulong request, int* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(Poll* files, ulong count, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int file, void* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc")]
    private static partial int close(int file);
}
