using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QueueIpc.Chaos.Ledger;

/// <summary>
/// Appends entries to a file with one write(2) each time, and nothing in between: what was written is the system's, and survives
/// the death of the process in the next instruction.
/// </summary>
internal sealed class LedgerWriter(string path) : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
    private readonly Lock _lock = new();
    private long _length;

    public void Write(Entry entry) => Write(new Span<Entry>(ref entry));

    public void Write(Span<Entry> entries)
    {
        lock (_lock)
        {
            if (_file.IsClosed)
            {
                // The role has ended, and its thread that watches the clock has not noticed.
                return;
            }

            var now = Clock.Now;
            foreach (ref var entry in entries)
            {
                entry.At = now;
            }

            var bytes = MemoryMarshal.AsBytes(entries);
            RandomAccess.Write(_file, bytes, _length);
            _length += bytes.Length;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }

    public static int EntryBytes => Unsafe.SizeOf<Entry>();
}
