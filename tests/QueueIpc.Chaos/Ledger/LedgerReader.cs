using System.Runtime.InteropServices;

namespace QueueIpc.Chaos.Ledger;

/// <summary>Reads what a process, dead or alive, has written down.</summary>
internal static class LedgerReader
{
    /// <summary>All entries. Whatever a death has cut off in the middle of a write is no entry: its call had not begun, or is taken as not returned.</summary>
    public static Entry[] Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        var bytes = File.ReadAllBytes(path);
        var whole = bytes.Length - (bytes.Length % LedgerWriter.EntryBytes);
        return MemoryMarshal.Cast<byte, Entry>(bytes.AsSpan(0, whole)).ToArray();
    }
}
