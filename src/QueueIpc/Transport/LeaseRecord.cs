using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace QueueIpc.Transport;

/// <summary>
/// What a reader of leases has done last, in a file that its process and the broker share as memory: which items it has handed over, and which its consumer has acked.
/// It is written without a call of the system, and stays when the process is killed. So the broker knows to the item what was in hand, although acks travel many at a time.
/// </summary>
internal sealed class LeaseRecord
{
    /// <summary>So many of the last ones are kept, more than can be on their way.</summary>
    private const int Kept = 4096;
    private const int PartBytes = sizeof(ulong) + (Kept * sizeof(ulong));
    private const int Bytes = 2 * PartBytes;

    /// <summary>How many acks may wait to be sent.</summary>
    public const int UnsentMax = Kept / 2;

    private readonly string _path;
    private readonly SafeMemoryMappedViewHandle _memory;
    private ulong _handedOver;
    private ulong _acked;

    private LeaseRecord(string path, SafeMemoryMappedViewHandle memory) => (_path, _memory) = (path, memory);

    /// <summary>A record for a reader; null where there is no place for one.</summary>
    public static LeaseRecord? TryCreate(string endpoint, ulong client, ulong request)
    {
        var path = PathOf(endpoint, client, request);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var file = new FileStream(path, options);

            // Written, not only made so long: on a full disk that fails here, and not with a signal when the memory is first used.
            file.Write(new byte[Bytes]);
            using var mapped = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
#pragma warning disable CA2000 // The record keeps what there is to be disposed of.
            return new LeaseRecord(path, mapped.CreateViewAccessor(0, Bytes).SafeMemoryMappedViewHandle);
#pragma warning restore CA2000
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(path);
            return null;
        }
    }

    /// <summary>All records of a client whose connection has ended, by reader: what was handed over last, and what was acked last. They are gone then.</summary>
    public static IEnumerable<(ulong Request, ulong[] HandedOver, ulong[] Acked)> TakeAll(string endpoint, ulong client)
    {
        foreach (var path in FilesOf(endpoint, $"{client:x16}-*"))
        {
            byte[]? bytes = null;
            try
            {
                bytes = File.ReadAllBytes(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its client is alive, and has just done with it.
            }

            Delete(path);
            if (bytes is { Length: Bytes } && ulong.TryParse(path.AsSpan(path.LastIndexOf('-') + 1), System.Globalization.NumberStyles.HexNumber, null, out var request))
            {
                yield return (request, Part(bytes.AsSpan(0, PartBytes)), Part(bytes.AsSpan(PartBytes)));
            }
        }
    }

    /// <summary>Clears what is there of clients of an earlier broker.</summary>
    public static void Clear(string endpoint)
    {
        foreach (var path in FilesOf(endpoint, "*-*"))
        {
            Delete(path);
        }
    }

    /// <summary>The consumer is about to get the item. One thread at a time.</summary>
    public void HandedOver(ulong token) => Write(0, ref _handedOver, token);

    /// <summary>The consumer has acked the item. One thread at a time.</summary>
    public void Acked(ulong token) => Write(PartBytes, ref _acked, token);

    /// <summary>The reader has ended. Its memory stays as long as this object: somebody may be writing.</summary>
    public void Delete() => Delete(_path);

    private static string Prefix(string endpoint) => Path.Combine(
        OperatingSystem.IsWindows() ? Path.GetTempPath() : Path.GetDirectoryName(endpoint)!, $"{Path.GetFileName(endpoint)}.leases.");

    private static string PathOf(string endpoint, ulong client, ulong request) => $"{Prefix(endpoint)}{client:x16}-{request:x}";

    private static string[] FilesOf(string endpoint, string which)
    {
        var prefix = Prefix(endpoint);
        try
        {
            return Directory.GetFiles(Path.GetDirectoryName(prefix)!, Path.GetFileName(prefix) + which);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next broker of that name clears it away.
        }
    }

    private static ulong[] Part(ReadOnlySpan<byte> bytes)
    {
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes);
        return words[1..(1 + (int)Math.Min(words[0], Kept))].ToArray();
    }

    /// <summary>First what is new, then how many there are.</summary>
    private unsafe void Write(int part, ref ulong count, ulong token)
    {
        var words = (ulong*)((byte*)_memory.DangerousGetHandle() + part);
        words[1 + (count % Kept)] = token;
        Volatile.Write(ref words[0], ++count);
        GC.KeepAlive(this);
    }
}
