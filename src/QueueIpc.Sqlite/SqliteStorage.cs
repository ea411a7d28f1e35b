using QueueIpc.Core;
using QueueIpc.Sqlite;

namespace QueueIpc;

/// <summary>
/// A broker's named queues in a directory, as a SQLite database. What a call says is done is on the disk when it returns: flushed, and there
/// again after the broker, the machine or its power has failed. One broker at a time has the directory.
/// </summary>
/// <param name="directory">
/// Where; made if it is not there, for this user alone. It must be on a disk of this machine: network file systems are refused.
/// </param>
public sealed class SqliteStorage(string directory) : QueueStorage
{
    /// <summary>The directory's full path.</summary>
    public string Directory { get; } = Path.GetFullPath(directory ?? throw new ArgumentNullException(nameof(directory)));

    internal override string Location => Directory;

    /// <summary>
    /// 4 MiB are 60,000 small items, which are gone after some 20 ms at full speed: what is asked for when half of it is left comes in time. And a thousand such queues fit into memory.
    /// </summary>
    internal Nearness Near { get; init; } = new(KeptBytes: 4 << 20, AheadBytes: 4 << 20);

    /// <summary>So much is read, and held against its checksums, before a broker starts: as much as takes no time to speak of.</summary>
    internal long CheckedBytes { get; init; } = 64 << 20;

    /// <summary>With less than this free on the disk, puts wait.</summary>
    internal long FreeBytesMin { get; init; } = SqliteStore.FreeBytesMin;

    internal override IQueueStore Open(StoreContext context)
    {
        var place = DataDirectory.Take(Directory);
        try
        {
            return new SqliteStore(place, context, Near, CheckedBytes, FreeBytesMin);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }
}
