namespace QueueIpc.Benchmarks;

/// <summary>The floor: one file that is appended to and flushed, with nobody in between.</summary>
internal static class RawDisk
{
    /// <summary>Microseconds to append so many bytes and flush them.</summary>
    public static double AppendMicros(int bytes, int count) => Micros(bytes, count, fileBytes: 0);

    /// <summary>The same in a file that does not grow: what is there is written over. A log that is used again and again does this.</summary>
    public static double WriteOverMicros(int bytes, int count) => Micros(bytes, count, fileBytes: 16 << 20);

    private static double Micros(int bytes, int count, int fileBytes)
    {
        var folder = Directory.CreateTempSubdirectory("queueipc-bench-").FullName;
        try
        {
            using var file = File.OpenHandle(Path.Combine(folder, "raw"), FileMode.CreateNew, FileAccess.Write);
            RandomAccess.Write(file, new byte[fileBytes], fileOffset: 0);
            RandomAccess.FlushToDisk(file);
            var piece = new byte[bytes];
            var at = 0L;
            return Statistics.MedianMicros(count, () =>
            {
                RandomAccess.Write(file, piece, fileBytes > 0 ? at % fileBytes : at);

                // .NET flushes by fsync; where a file grows it costs what fdatasync does.
                RandomAccess.FlushToDisk(file);
                at += bytes;
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
