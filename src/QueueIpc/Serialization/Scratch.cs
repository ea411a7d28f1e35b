namespace QueueIpc.Serialization;

/// <summary>A writer for each thread, to pack one item after the other into.</summary>
internal static class Scratch
{
    private const int KeepBytesMax = 256 * 1024;

    [ThreadStatic]
    private static PackedWriter? _writer;

    /// <summary>A writer of this thread's own, empty. Not across an await, and not while serialising an item inside an item.</summary>
    public static PackedWriter Rent()
    {
        var writer = _writer ?? new PackedWriter();
        _writer = null;
        writer.Truncate(0);
        return writer;
    }

    public static void Return(PackedWriter writer)
    {
        if (writer.Capacity > KeepBytesMax)
        {
            writer.Release();
        }

        _writer = writer;
    }
}
