namespace QueueIpc.Benchmarks;

/// <summary>The floor: one file that is appended to and flushed, with nobody in between.</summary>
internal static class RawDisk
{
    /// <summary>Microseconds to append so many bytes and flush them.</summary>
    public static double AppendMicros(int bytes, int count) => Micros(bytes, count, at => at);

    /// <summary>The same in a file that does not grow: what is there is written over. A log that is used again and again does this.</summary>
    public static double WriteOverMicros(int bytes, int count)
    {
        const long FileBytes = 16 << 20;
        return Micros(bytes, count, at => at % FileBytes);
    }

    private static double Micros(int bytes, int count, Func<long, long> place)
    {
        var folder = Directory.CreateTempSubdirectory("queueipc-bench-").FullName;
        try
        {
            using var file = File.OpenHandle(Path.Combine(folder, "raw"), FileMode.CreateNew, FileAccess.Write);
            var piece = new byte[bytes];
            var at = 0L;
            return Statistics.MedianMicros(count, () =>
            {
                RandomAccess.Write(file, piece, place(at));

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
